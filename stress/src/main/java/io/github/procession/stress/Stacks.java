package io.github.procession.stress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/// The threads of all processes of a storm, for whoever has to find out why it stands still.
final class Stacks {
    private Stacks() {}

    /// Writes them into files beside the ledger.
    static void print(Ledger ledger) throws InterruptedException {
        var pids = LongStream.concat(
                        LongStream.of(ProcessHandle.current().pid()),
                        ledger.lives().stream().filter(life -> !life.isGone()).mapToLong(Life::pid))
                .distinct()
                .toArray();
        for (long pid : pids) {
            print(ledger, pid);
        }
    }

    private static void print(Ledger ledger, long pid) throws InterruptedException {
        var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        try {
            var file = Files.createTempFile(ledger.folder(), "stacks-" + pid + "-", ".txt");
            var process = new ProcessBuilder(jcmd.toString(), Long.toString(pid), "Thread.print", "-l")
                    .redirectErrorStream(true)
                    .redirectOutput(file.toFile())
                    .start();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            System.err.println("stacks of process " + pid + " are in " + file);
        } catch (IOException e) {
            System.err.println("stacks of process " + pid + " are not to be had: " + e);
        }
    }
}
