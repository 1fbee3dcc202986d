package io.github.procession.internal.supervise;

import io.github.procession.function.SerializableRunnable;
import io.github.procession.internal.launch.AotCache;
import io.github.procession.internal.launch.JavaCommand;
import io.github.procession.internal.launch.LaunchSpec;
import io.github.procession.internal.launch.Scheduling;
import io.github.procession.internal.launch.Spawner;
import io.github.procession.internal.os.AtExit;
import io.github.procession.internal.os.TreeFiles;
import io.github.procession.internal.shared.Parcels;
import io.github.procession.internal.wire.LoaderKey;
import io.github.procession.internal.wire.Message;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Makes the cache that lets children boot faster, once for all programs of this user: in the background, at the lowest
/// priority, after the first child has come up.
///
/// One child records what it loads while it boots and does a little of everything; a second JVM makes the cache of that. Both
/// write to files of the tree, so that nothing is left if it dies.
final class Training {
    private static final Set<String> TRIED = ConcurrentHashMap.newKeySet();
    private static final Scheduling IN_THE_BACKGROUND = new Scheduling(List.of(), 19);
    private static final long PATIENCE_SECONDS = 120;

    private Training() {}

    /// A child with that command line has come up. Returns at once, and never fails.
    static void consider(JavaCommand command, LaunchSpec spec) {
        var cache = command.aotCache();
        if (cache == null || !TRIED.add(cache.key()) || !cache.isWanted()) {
            return;
        }
        try {
            Thread.ofVirtual().name("procession-training").start(() -> {
                try {
                    train(cache, spec);
                } catch (IOException | InterruptedException | RuntimeException | Error e) {
                    // children boot as they did
                }
            });
        } catch (OutOfMemoryError e) {
            // no thread is left to carry it: likewise
        }
    }

    private static void train(AotCache cache, LaunchSpec spec) throws IOException, InterruptedException {
        var command = JavaCommand.of(cache.training(spec));
        int recorded = TreeFiles.here().make("-training");
        try {
            int made = TreeFiles.here().make("-cache");
            try {
                String configuration = "-XX:AOTConfiguration=" + path(recorded);
                if (record(command, List.of("-XX:AOTMode=record", configuration))
                        && make(command, List.of("-XX:AOTMode=create", configuration, "-XX:AOTCache=" + path(made)))) {
                    cache.store(Path.of(path(made)));
                }
            } finally {
                TreeFiles.here().close(made);
            }
        } finally {
            TreeFiles.here().close(recorded);
        }
    }

    private static String path(int file) {
        return TreeFiles.here().path(file).toString();
    }

    /// A child that is told like any other what to do, and does it.
    private static boolean record(JavaCommand command, List<String> flags) throws InterruptedException {
        var boot = Boot.startTraining(command, IN_THE_BACKGROUND, flags);
        var parcel = Parcels.pack((SerializableRunnable) Training::exercise, "training", boot.slot());
        var role = new Message.Role.Target(parcel.bytes());
        try {
            boot.listen(message -> {
                if (message instanceof Message.Hello) {
                    boot.booted();
                    boot.link().tell(boot.place());
                } else if (message instanceof Message.Ready) {
                    boot.link()
                            .tell(boot.welcome("training", "", true, Map.of(), LoaderKey.APPLICATION, List.of(), role));
                } else if (message instanceof Message.ToRoot asked) {
                    boot.desk().ifPresent(d -> d.accept(asked));
                }
            });
            return succeeds(boot.process());
        } finally {
            Parcels.settle(parcel.pin());
            boot.discard();
        }
    }

    private static boolean make(JavaCommand command, List<String> flags) throws InterruptedException {
        var spawned = Spawner.start(command, IN_THE_BACKGROUND, flags, List.of());
        try {
            return succeeds(spawned.process());
        } finally {
            spawned.process().destroyForcibly();
            spawned.close();
        }
    }

    private static boolean succeeds(Process process) throws InterruptedException {
        Runnable end = process::destroyForcibly;
        AtExit.first(end);
        try {
            return !AtExit.hasBegun()
                    && process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    && process.exitValue() == 0;
        } finally {
            AtExit.forget(end);
        }
    }

    /// In the child, which has prepared itself as a spare does: what a target does is there to be recorded, too.
    private static void exercise() {}
}
