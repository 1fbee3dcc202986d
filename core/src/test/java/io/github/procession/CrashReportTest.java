package io.github.procession;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.internal.wire.Outcome.Crash;
import io.github.procession.internal.wire.Outcome.Oom;
import java.util.List;
import org.junit.jupiter.api.Test;

class CrashReportTest {
    private static String killed(Oom oom) {
        return CrashReport.of(new Crash(
                "Worker-3", 4711, 137, 9, "invoice 17", List.of("out of luck"), null, 2500, null, 312L << 20, oom));
    }

    @Test
    void aReportSaysWhoDiedDoingWhatForHowLongWithHowMuchMemory() {
        assertThat(killed(Oom.UNKNOWN)).isEqualToNormalizingNewlines("""
                        Worker-3 (pid 4711) was ended by SIGKILL while it ran invoice 17 for 2.500 s
                          memory:   312 MB resident when last seen
                          likely:   it was killed from outside, probably by the kernel's out-of-memory killer
                          to try:   look for 'oom' in the kernel's log (dmesg); use fewer workers or less memory for each
                          its last lines on standard error:
                            out of luck""");
    }

    @Test
    void theOutOfMemoryKillerIsNamedAsSurelyAsItsCountersSay() {
        assertThat(killed(Oom.STRUCK_IN_GROUP))
                .contains("likely:   the kernel's out-of-memory killer, which has struck in this control group");
        assertThat(killed(Oom.STRUCK_ON_MACHINE)).contains("probably by the kernel's", "on this machine");
        assertThat(killed(Oom.DID_NOT_STRIKE)).contains("somebody killed it", "no victim", "find out who sent it");
    }

    @Test
    void aJvmThatGetsNoMoreThreadsIsNotTakenForATaskThatExits() {
        for (int code : new int[] {1, 3}) { // by an exception of its main thread, by -XX:+ExitOnOutOfMemoryError
            var lines = List.of("java.lang.OutOfMemoryError: unable to create native thread: possibly out of memory");
            var crash = new Crash("Worker-3", 4711, code, 0, "invoice 17", lines, null, 2500, null, 0, Oom.UNKNOWN);
            assertThat(CrashReport.of(crash))
                    .contains("likely:   it could start no more threads: the limit of processes or threads is reached")
                    .contains("to try:   raise that limit (ulimit -u;");
        }
    }
}
