package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.Pool;
import io.github.procession.WorkerCrashedException;
import io.github.procession.internal.os.Os;
import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The report on each kind of death reads as `deaths/KIND.txt` says, but for numbers, times and paths.
class DeathReportTest {
    enum Kind {
        SEGFAULT,
        ABORT,
        KILL,
        TERM,
        HALT,
        EXIT_WITH_0,
        EXIT_WITH_8,
        OUT_OF_MEMORY,
        OUT_OF_DIRECT_MEMORY
    }

    private static int die(Kind how) throws Throwable {
        System.err.println("last but one");
        System.err.println("last words");
        switch (how) {
            case SEGFAULT -> MemorySegment.ofAddress(8).reinterpret(8).set(ValueLayout.JAVA_INT, 0, 1);
            case ABORT -> {
                var linker = Linker.nativeLinker();
                linker.downcallHandle(linker.defaultLookup().findOrThrow("abort"), FunctionDescriptor.ofVoid())
                        .invokeExact();
            }
            case KILL -> Os.kill(ProcessHandle.current().pid(), Os.SIGKILL);
            case TERM -> {
                Os.kill(ProcessHandle.current().pid(), Os.SIGTERM);
                Thread.sleep(60_000);
            }
            case HALT -> Runtime.getRuntime().halt(7);
            case EXIT_WITH_0 -> System.exit(0);
            case EXIT_WITH_8 -> System.exit(8);
            case OUT_OF_MEMORY -> {
                var all = new ArrayList<long[]>();
                while (all.size() < 1_000_000) {
                    all.add(new long[1 << 20]);
                }
            }
            case OUT_OF_DIRECT_MEMORY -> throw new OutOfMemoryError("Cannot reserve direct buffer memory");
        }
        return 0;
    }

    private static int dieUnchecked(Kind how) throws Exception {
        try {
            return die(how);
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void theReportReadsAsItShould(Kind how) throws Exception {
        try (var _ = new Captured();
                var pool = Pool.open(o -> o.workers(1).process(p -> p.maxHeap("64m")))) {
            long pid = pool.<Long>apply(() -> ProcessHandle.current().pid());
            assertThatThrownBy(() -> pool.apply(() -> dieUnchecked(how)))
                    .isInstanceOfSatisfying(WorkerCrashedException.class, crash -> {
                        assertThat(crash.pid()).isEqualTo(pid);
                        assertThat(withoutNumbers(crash)).isEqualTo(golden(how));
                    });
            assertThat(pool.<Long>apply(() -> ProcessHandle.current().pid())).isNotEqualTo(pid);
            Files.deleteIfExists(ChildProcessTest.errorFile(pid));
        }
    }

    private static String golden(Kind how) {
        var name = "/deaths/" + how.name().toLowerCase(Locale.ROOT).replace('_', '-') + ".txt";
        try (var in = Objects.requireNonNull(DeathReportTest.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new AssertionError(name, e);
        }
    }

    /// Whether memory was seen, and what is known of the kernel's killer, depends on the machine; `CrashReportTest` has that.
    private static String withoutNumbers(WorkerCrashedException crash) {
        return Objects.requireNonNull(crash.getMessage())
                .replaceAll("\\R", "\n")
                .replaceAll("\n  memory: +\\d+ MB resident when last seen", "")
                .replaceAll("(likely: +).*out-of-memory killer.*\n(  to try: +).*", "$1KILLER\n$2ITS REMEDY")
                .replaceAll("Worker-\\d+", "WORKER")
                .replaceAll("pid[ =]\\d+", "pid N")
                .replaceAll("tid=\\d+", "tid N")
                .replaceAll("pc=0x[0-9a-f]+", "pc=ADDRESS")
                .replaceAll("\\d+\\.\\d{3} s", "TIME s")
                .replaceAll("/\\S*/hs_err_pid\\d+\\.log", "DIRECTORY/hs_err_pidN.log")
                .replaceAll("(JRE version|Java VM): .*", "$1: VERSION")
                .replaceAll("(?m)^( +)[vVCjJ] +\\S.*\\+0x[0-9a-f]+.*$", "$1FRAME")
                .replaceAll("(?m)^( +)[vVjJ]  .*$", "$1FRAME")
                .strip();
    }
}
