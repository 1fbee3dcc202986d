package io.github.procession.benchmarks;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.ProcessOptions;
import io.github.procession.SharedQueue;
import io.github.procession.StartMethod;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/// From before `start()` to the first statement of the target, in milliseconds, beside CPython's start methods.
///
/// | figure | how it is started |
/// |---|---|
/// | `procession-cold` | a JVM with the library and this class on its class path, and what has been made for the next by the first |
/// | `procession-cold-many-jars` | the same with all that the other benchmarks need on its class path, some forty files |
/// | `procession-cold-without-cache` | a JVM that must load all classes by itself |
/// | `procession-spare` | a JVM that has booted before |
/// | `java-version` | `java -version`, until it has ended |
///
/// And `…-pool`: from before a pool of two is opened until its first result is there, beside CPython's three ways and PP4J.
public final class Start {
    private static final int ROUNDS = 20;
    private static final long MAKING = 10_000;
    private static final String ALL = "io.github.procession.benchmarks.all"; // the class path of all benchmarks

    private Start() {}

    private static double javaVersion() throws IOException, InterruptedException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        long begin = System.nanoTime();
        new ProcessBuilder(java, "-version").redirectErrorStream(true).start().waitFor();
        return (System.nanoTime() - begin) / 1e6;
    }

    private static double pool() throws InterruptedException {
        long begin = System.nanoTime();
        try (var pool = Pool.open(2)) {
            var _ = pool.apply(() -> 1);
            return (System.nanoTime() - begin) / 1e6;
        }
    }

    private static void first(SharedQueue<Long> queue) throws InterruptedException {
        queue.put(System.nanoTime());
    }

    /// Runs it.
    public static void main(String[] arguments) throws IOException, InterruptedException {
        var cold = new Series("procession-cold", "ms");
        var jars = new Series("procession-cold-many-jars", "ms");
        var bare = new Series("procession-cold-without-cache", "ms");
        var spare = new Series("procession-spare", "ms");
        var spawn = new Series("cpython-spawn", "ms");
        var forkserver = new Series("cpython-forkserver", "ms");
        var fork = new Series("cpython-fork", "ms");
        var version = new Series("java-version", "ms");
        var pool = new Series("procession-pool", "ms");
        var spawnPool = new Series("cpython-spawn-pool", "ms");
        var servePool = new Series("cpython-forkserver-pool", "ms");
        var forkPool = new Series("cpython-fork-pool", "ms");
        var pp4jPool = new Series("pp4j-pool", "ms");
        try (var spawning = new Peer("spawn.py", "spawn");
                var serving = new Peer("spawn.py", "forkserver");
                var forking = new Peer("spawn.py", "fork");
                var spawningPools = new Peer("spawn.py", "spawn", "pool");
                var servingPools = new Peer("spawn.py", "forkserver", "pool");
                var forkingPools = new Peer("spawn.py", "fork", "pool");
                var pp4j = Peer.java(System.getProperty(ALL, ""), Pp4jStart.class);
                var queue = SharedQueue.<Long>create(4)) {
            spawning.round();
            serving.round();
            forking.round();
            round(queue, StartMethod.SPAWN);
            round(queue, StartMethod.SPAWN, Start::withManyJars);
            round(queue, StartMethod.SPARE);
            pool();
            servingPools.round();
            pp4j.round();
            Thread.sleep(MAKING); // the cache of loaded classes, if this is the first program
            for (int i = 0; i < ROUNDS; i++) {
                cold.add(round(queue, StartMethod.SPAWN));
                jars.add(round(queue, StartMethod.SPAWN, Start::withManyJars));
                bare.add(round(queue, StartMethod.SPAWN, o -> o.jvmArgs("-Xshare:auto"))); // who says that has no cache
                spawn.add(spawning.round());
                forkserver.add(serving.round());
                fork.add(forking.round());
                spare.add(round(queue, StartMethod.SPARE));
                version.add(javaVersion());
                pool.add(pool());
                spawnPool.add(spawningPools.round());
                servePool.add(servingPools.round());
                forkPool.add(forkingPools.round());
                pp4jPool.add(pp4j.round());
                Thread.sleep(1000); // the next spare boots, and prepares itself
            }
        }
        var all = List.of(
                cold,
                jars,
                bare,
                spare,
                version,
                spawn,
                forkserver,
                fork,
                pool,
                spawnPool,
                servePool,
                forkPool,
                pp4jPool);
        all.forEach(Series::summarize);
    }

    private static ProcessOptions withManyJars(ProcessOptions options) {
        var jars = System.getProperty(ALL, "").split(File.pathSeparator, -1);
        return options.classPath(Arrays.stream(jars).map(Path::of).toArray(Path[]::new));
    }

    private static double round(SharedQueue<Long> queue, StartMethod method) throws InterruptedException {
        return round(queue, method, o -> o);
    }

    private static double round(SharedQueue<Long> queue, StartMethod method, UnaryOperator<ProcessOptions> more)
            throws InterruptedException {
        long begin = System.nanoTime();
        var process = ChildProcess.of(Start::first, queue)
                .options(o -> more.apply(o.startMethod(method)))
                .start();
        double millis = (queue.take() - begin) / 1e6;
        process.join();
        return millis;
    }
}
