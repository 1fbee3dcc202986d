package io.github.procession.conformance.launch;

import static io.github.procession.conformance.launch.Workshop.NATIVE;
import static io.github.procession.conformance.launch.Workshop.PRINTED;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Parents in unusual circumstances.
class CircumstancesTest {
    private static final String THREADS = """
            package app;

            import io.github.procession.ChildProcess;
            import io.github.procession.Pool;
            import io.github.procession.SharedInt;
            import java.util.concurrent.FutureTask;

            public class Threads {
                static <T> T in(Thread.Builder builder, java.util.concurrent.Callable<T> action) throws Exception {
                    var task = new FutureTask<T>(action);
                    builder.start(task).join();
                    return task.get();
                }

                public static void main(String[] args) throws Exception {
                    var born = SharedInt.of(0);
                    var mayEnd = SharedInt.of(0);
                    var p = in(Thread.ofPlatform(), () -> ChildProcess.of(() -> {
                        born.set(1);
                        while (mayEnd.get() == 0) Thread.onSpinWait();
                    }).start());
                    while (born.get() == 0) Thread.onSpinWait();
                    var pool = in(Thread.ofPlatform(), () -> Pool.open(1));
                    System.out.println(pool.apply(() -> "a pool that outlives the thread that opened it"));
                    System.out.println(in(Thread.ofVirtual(), () -> ChildProcess.call(() -> "a virtual thread")));
                    pool.close();
                    mayEnd.set(1);
                    p.join();
                    System.out.println(p.exitStatus().orElseThrow());
                    born.close();
                    mayEnd.close();
                }
            }
            """;

    private static final String WRITER = """
            package app;

            import io.github.procession.ChildProcess;
            import io.github.procession.Pool;
            import java.nio.file.Files;
            import java.nio.file.Path;
            import java.util.List;

            public class Writer {
                static String talk(int n) {
                    System.out.println("out " + n);
                    System.err.println("err " + n);
                    return "said " + n;
                }

                public static void main(String[] args) throws Exception {
                    String said = ChildProcess.call(() -> talk(1));
                    try (var pool = Pool.open(1)) {
                        said += " " + pool.map(List.of(2, 3), Writer::talk);
                    }
                    System.out.println("main");
                    for (int descriptor = 0; descriptor < 3; descriptor++) {
                        var target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
                        if (target.contains("memfd") || target.contains("pidfd") || target.contains("eventfd")) {
                            said += " " + descriptor + " is " + target;
                        }
                    }
                    Files.writeString(Path.of(args[0]), said);
                }
            }
            """;

    @TempDir
    static Path folder;

    private static Workshop workshop;

    @BeforeAll
    static void build() throws IOException {
        workshop = new Workshop(folder);
        var library = workshop.library("lib/procession.jar");
        workshop.classes("lib/classes", List.of("-cp", library), Workshop.PROGRAM, THREADS, WRITER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"<&- >&- 2>&-", ">&-", "2>&- <&-", ">/dev/full"})
    void streamsThatAreClosedOrFull(String redirection) throws IOException {
        var file = Files.createTempFile(folder, "said", ".txt");
        var finished = workshop.java(NATIVE, "-cp", "lib/*:lib/classes", "app.Writer", file)
                .redirected(redirection)
                .run();
        assertThat(file).hasContent("said 1 [said 2, said 3]");
        assertThat(finished.code()).isZero();
        if (redirection.equals(">&-")) {
            assertThat(finished.err()).isEqualTo("err 1\nerr 2\nerr 3\n");
        }
        if (redirection.equals("2>&- <&-")) {
            assertThat(finished.out()).isEqualTo("out 1\nout 2\nout 3\nmain\n");
        }
    }

    @Test
    void threadsThatEndAndVirtualThreads() {
        workshop.java(NATIVE, "-cp", "lib/*:lib/classes", "app.Threads")
                .run()
                .printed("a pool that outlives the thread that opened it\na virtual thread\nexit code 0\n");
    }

    @Test
    void anotherUserDir() {
        workshop.java(NATIVE, "-Duser.dir=" + folder.resolve("lib"), "-cp", "procession.jar:classes", "app.Main")
                .run()
                .printed(PRINTED);
    }

    @Test
    void aLocaleWithoutLetters() {
        workshop.java(NATIVE, "-cp", "lib/*:lib/classes", "app.Main")
                .with("LANG", "C")
                .with("LC_ALL", "C")
                .run()
                .printed(PRINTED);
    }

    @Test
    void anEmptyEnvironment() {
        workshop.java(NATIVE, "-cp", "lib/*:lib/classes", "app.Main")
                .bare()
                .run()
                .printed(PRINTED);
    }
}
