package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.ChildProcess;
import io.github.procession.ExitStatus;
import io.github.procession.Pool;
import io.github.procession.ProcessFuture;
import io.github.procession.SharedInt;
import io.github.procession.SharedIntArray;
import io.github.procession.SharedQueue;
import io.github.procession.Signal;
import io.github.procession.WorkerCrashedException;
import io.github.procession.internal.os.Basis;
import io.github.procession.internal.os.Os;
import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeathTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    // ---- one death ----------------------------------------------------------------------------------------------

    enum Death {
        SEGFAULT(139, Signal.SIGSEGV), // the JVM reports it and aborts; the report says why
        HALT(7, null),
        EXIT(8, null),
        HEAP(3, null),
        KILL(137, Signal.SIGKILL);

        final int code;
        final @Nullable Signal signal;

        Death(int code, @Nullable Signal signal) {
            this.code = code;
            this.signal = signal;
        }

        static int die(Death how) {
            for (int i = 0; i < 30; i++) {
                System.err.println("last words " + i);
            }
            switch (how) {
                case SEGFAULT -> MemorySegment.ofAddress(8).reinterpret(8).set(ValueLayout.JAVA_INT, 0, 1);
                case HALT -> Runtime.getRuntime().halt(7);
                case EXIT -> System.exit(8);
                case KILL -> Os.kill(ProcessHandle.current().pid(), Os.SIGKILL);
                case HEAP -> {
                    var all = new ArrayList<long[]>();
                    while (all.size() < 1_000_000) {
                        all.add(new long[1 << 20]);
                    }
                }
            }
            return 0;
        }

        void check(WorkerCrashedException crash, String process) {
            assertThat(crash.exitStatus()).isEqualTo(new ExitStatus(code, Optional.ofNullable(signal)));
            assertThat(crash.getMessage())
                    .startsWith(process)
                    .contains("(pid " + crash.pid() + ")", "likely:", "to try:", "last words 29");
            assertThat(crash.lastErrors()).hasSizeBetween(1, 20).contains("last words 29");
            switch (this) {
                case HALT, EXIT -> assertThat(crash).hasMessageContaining("code " + code);
                case KILL -> assertThat(crash).hasMessageContaining("SIGKILL");
                case SEGFAULT -> assertThat(crash).hasMessageContaining("SIGSEGV");
                case HEAP -> assertThat(crash).hasMessageContainingAll("OutOfMemoryError", "maxHeap");
            }
            if (this == SEGFAULT) {
                var report = crash.errorFile().orElseThrow();
                assertThat(report).exists().content().contains("SIGSEGV", "pid=" + crash.pid());
                assertThat(crash).hasMessageContaining(report.toString());
            } else {
                assertThat(crash.errorFile()).isEmpty();
            }
        }
    }

    private static void deleteReport(long pid) throws Exception {
        Files.deleteIfExists(ChildProcessTest.errorFile(pid));
    }

    @ParameterizedTest
    @EnumSource(Death.class)
    void aParentOutlivesItsChild(Death how) throws Exception {
        try (var captured = new Captured()) {
            var child = ChildProcess.of(() -> {
                        Death.die(how);
                    })
                    .options(o -> o.maxHeap("64m"))
                    .start();
            assertThat(child.join(SOON)).isTrue();
            var status = child.exitStatus().orElseThrow();
            if (how == Death.HEAP) { // an error like any other
                assertThat(status).isEqualTo(new ExitStatus(1, Optional.empty()));
                assertThat(String.join("\n", captured.err())).contains("java.lang.OutOfMemoryError");
            } else {
                assertThat(status.code()).isEqualTo(how.code);
                assertThat(status.signal().orElse(null)).isEqualTo(how.signal);
            }
            assertThat(captured.err()).contains("last words 0", "last words 29");
            if (how == Death.SEGFAULT) {
                assertThat(ChildProcessTest.errorFile(child.pid())).exists();
                deleteReport(child.pid());
            }
        }
    }

    static void callAndDie(Death how, SharedQueue<WorkerCrashedException> crashes) throws InterruptedException {
        try {
            ChildProcess.<Integer>call(() -> Death.die(how));
        } catch (WorkerCrashedException e) {
            crashes.put(e);
        }
    }

    @ParameterizedTest
    @EnumSource(Death.class)
    void aCallSaysHowItsProcessDied(Death how) throws Exception {
        try (SharedQueue<WorkerCrashedException> crashes = SharedQueue.create(1);
                var _ = new Captured()) {
            var child = ChildProcess.of(DeathTest::callAndDie, how, crashes)
                    .options(o -> o.maxHeap("64m"))
                    .start();
            assertThat(child.join(SOON)).isTrue();
            var crash = Objects.requireNonNull(crashes.poll());
            how.check(crash, child.name() + ":1");
            deleteReport(crash.pid());
        }
    }

    @ParameterizedTest
    @EnumSource(Death.class)
    void aPoolOutlivesItsWorkers(Death how) throws Exception {
        try (var captured = new Captured();
                var pool = Pool.open(o -> o.workers(1).process(p -> p.maxHeap("64m")))) {
            long first = pool.<Long>apply(() -> ProcessHandle.current().pid());
            assertThatThrownBy(() -> pool.<Integer>apply(() -> Death.die(how)))
                    .isInstanceOfSatisfying(WorkerCrashedException.class, crash -> {
                        how.check(crash, "Worker-");
                        assertThat(crash.pid()).isEqualTo(first);
                        assertThat(crash.task()).contains("DeathTest");
                    });
            long second = pool.<Long>apply(() -> ProcessHandle.current().pid());
            assertThat(second).isNotEqualTo(first);
            assertThat(captured.err()).contains("last words 29");
            deleteReport(first);
        }
    }

    // ---- the death of the root ----------------------------------------------------------------------------------

    /// Grows a tree of three generations and tells everybody's number.
    static final class Tree {
        public static void main(String[] args) throws Exception {
            System.out.println("pid " + ProcessHandle.current().pid() + " root");
            var queue = SharedQueue.<Integer>create(4);
            try (var pool = Pool.open(1)) {
                var _ = pool.applyAsync(() -> busy(queue));
                var _ = ChildProcess.of(Tree::grow, queue, 2).start();
                ChildProcess.of(Tree::grow, queue, 2).daemon(true).start().join();
            }
        }

        static void grow(SharedQueue<Integer> queue, int further) throws Exception {
            System.out.println(
                    "pid " + ProcessHandle.current().pid() + " " + System.getProperty("io.github.procession.lifeline"));
            if (further > 0) {
                var _ = ChildProcess.of(Tree::grow, queue, further - 1).start();
            }
            busy(queue);
        }

        static int busy(SharedQueue<Integer> queue) throws InterruptedException {
            int done = 0;
            while (done >= 0) {
                queue.offer(1);
                queue.poll(1, TimeUnit.MILLISECONDS);
                done++;
            }
            return done;
        }
    }

    private static final int TREE = 7; // with the root, without the pool's worker

    @Test
    void theWholeTreeGoesWithItsRootAtWhateverMoment() throws Exception {
        long seed = System.nanoTime();
        System.out.println("theWholeTreeGoesWithItsRootAtWhateverMoment: seed " + seed);
        var random = new Random(seed);
        int rounds = Integer.getInteger("conformance.rootKills", 10);
        for (int round = 0; round < rounds; round++) {
            var mark = "CONFORMANCE_TREE=" + UUID.randomUUID();
            try (var root = RootJvm.with(List.of())
                    .environment("CONFORMANCE_TREE", mark.substring(mark.indexOf('=') + 1))
                    .run(Tree.class)) {
                root.await("pid .*", 1 + random.nextInt(TREE)); // many are just starting then
                TimeUnit.MILLISECONDS.sleep(random.nextInt(60));
                root.kill();
                awaitNone(mark, "round " + round);
            }
        }
    }

    private static void awaitNone(String mark, String what) {
        long begin = System.nanoTime();
        Processes.await(
                () -> what + ": all of the tree to be gone, not " + Processes.marked(mark),
                () -> Processes.marked(mark).isEmpty());
        var took = Duration.ofNanos(System.nanoTime() - begin);
        System.out.printf("%s: the tree is gone %d ms after its root%n", what, took.toMillis());
        assertThat(took).isLessThan(Duration.ofSeconds(10));
    }

    /// The kernel's is there on Linux only.
    static Stream<String> lifelines() {
        return Basis.isPortable() ? Stream.of("link") : Stream.of("kernel", "link");
    }

    @ParameterizedTest
    @MethodSource("lifelines")
    void eachLifelineIsEnoughAlone(String mode) throws Exception {
        var mark = "CONFORMANCE_TREE=" + UUID.randomUUID();
        try (var root = RootJvm.with(List.of("-Dio.github.procession.lifeline=" + mode))
                .environment("CONFORMANCE_TREE", mark.substring(mark.indexOf('=') + 1))
                .run(Tree.class)) {
            root.await("pid \\d+ " + mode, TREE - 1);
            TimeUnit.MILLISECONDS.sleep(500); // what a child sets up in the background
            assertThat(Processes.marked(mark)).hasSize(TREE + 1);
            root.kill();
            awaitNone(mark, mode + " alone");
        }
    }

    // ---- deaths in a queue --------------------------------------------------------------------------------------

    record Item(
            int producer,
            int number,
            byte[] payload,
            long checksum,
            @Nullable SharedInt handle) implements Serializable {
        static Item of(int producer, int number, Random random) {
            int[] sizes = {1, 20, 60, 1_000, 20_000, 200 << 10};
            var payload = new byte[1 + random.nextInt(sizes[random.nextInt(sizes.length)])];
            random.nextBytes(payload);
            var handle = random.nextInt(5) == 0 ? SharedInt.of(number) : null;
            return new Item(producer, number, payload, checksum(producer, number, payload), handle);
        }

        static long checksum(int producer, int number, byte[] payload) {
            var crc = new CRC32();
            crc.update(producer);
            crc.update(number);
            crc.update(payload);
            return crc.getValue();
        }

        boolean isWhole() {
            return checksum == checksum(producer, number, payload);
        }
    }

    private static final int MOST = 400; // items of one producer

    /// What the processes of one run share.
    ///
    /// @param acknowledged by producer: how many puts have returned
    /// @param seen         by item: how often it was taken
    /// @param last         by producer: the number of the item last taken
    /// @param progress     by process: how many operations
    /// @param wrong        how often something was not as it must be
    record Book(
            SharedQueue<Item> queue,
            SharedIntArray acknowledged,
            SharedIntArray seen,
            SharedIntArray last,
            SharedIntArray progress,
            SharedIntArray stop,
            SharedQueue<String> wrong)
            implements Serializable, AutoCloseable {
        static final int PRODUCERS = 0;
        static final int CONSUMERS = 1;

        @Override
        public void close() {
            List.of(acknowledged, seen, last, progress, stop).forEach(SharedIntArray::close);
            queue.close();
            wrong.close();
        }
    }

    static void produce(Book book, int me, long seed) throws InterruptedException {
        var random = new Random(seed);
        for (int i = 0; i < MOST && book.stop.get(Book.PRODUCERS) == 0; i++) {
            var item = Item.of(me, i, random);
            boolean done = false;
            while (!done && book.stop.get(Book.PRODUCERS) == 0) {
                done = book.queue.offer(item, 100, TimeUnit.MILLISECONDS);
            }
            if (done) {
                book.acknowledged.incrementAndGet(me);
                book.progress.incrementAndGet(me);
            }
            if (item.handle != null) {
                item.handle.close();
            }
        }
    }

    static void consume(Book book, int me, boolean ordered) throws InterruptedException {
        while (true) {
            boolean last = book.stop.get(Book.CONSUMERS) != 0;
            var item = last ? book.queue.poll() : book.queue.poll(50, TimeUnit.MILLISECONDS);
            if (item == null) {
                if (last) {
                    return;
                }
                continue;
            }
            int before = book.seen.getAndIncrement((long) item.producer * MOST + item.number);
            if (before != 0) {
                book.wrong.put("item " + item.number + " of " + item.producer + " for the " + (before + 1) + ". time");
            }
            if (!item.isWhole()) {
                book.wrong.put("item " + item.number + " of " + item.producer + " torn");
            }
            if (ordered && book.last.getAndSet(item.producer, item.number + 1) > item.number) {
                book.wrong.put("item " + item.number + " of " + item.producer + " after a later one");
            }
            if (item.handle != null) {
                if (item.handle.get() != item.number) {
                    book.wrong.put("handle in item " + item.number + " leads to another object");
                }
                item.handle.close();
            }
            book.progress.incrementAndGet(me);
        }
    }

    @ParameterizedTest
    @CsvSource({"3, 1", "2, 3"})
    void killedProducersAndConsumersNeitherLoseNorDoubleNorTearItems(int producers, int consumers) throws Exception {
        long seed = System.nanoTime();
        System.out.println("killedProducersAndConsumers…: seed " + seed);
        var random = new Random(seed);
        int most = 4_000; // processes
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(Integer.getInteger("conformance.queueKillSeconds", 12));
        try (var book = new Book(
                SharedQueue.create(16),
                SharedIntArray.ofLength(most),
                SharedIntArray.ofLength((long) most * MOST),
                SharedIntArray.ofLength(most),
                SharedIntArray.ofLength(most),
                SharedIntArray.ofLength(2),
                SharedQueue.create(1000))) {
            var living = new HashMap<Integer, ChildProcess>();
            var isProducer = new HashMap<Integer, Boolean>();
            var enough =
                    random.ints(most, -8, 60).toArray(); // operations before it may be killed; some while they boot
            int next = 0;
            for (; next < producers + consumers; next++) {
                isProducer.put(next, next < producers);
                living.put(next, start(book, next, next < producers, consumers == 1, random));
            }
            var kills = new int[2];
            while (System.nanoTime() < end && next < most) {
                int victim = victim(living, enough, book, random);
                LockSupport.parkNanos(random.nextInt(5_000_000));
                var process = Objects.requireNonNull(living.remove(victim));
                boolean producer = isProducer.get(victim);
                process.toHandle().destroyForcibly();
                kills[producer ? 0 : 1]++;
                living.put(next, start(book, next, producer, consumers == 1, random));
                isProducer.put(next, producer);
                next++;
                assertThat(process.join(SOON))
                        .as("a killed process is gone and repaired after")
                        .isTrue();
            }
            // those that are left finish in order
            book.stop.set(Book.PRODUCERS, 1);
            join(living, isProducer, true);
            book.stop.set(Book.CONSUMERS, 1);
            join(living, isProducer, false);

            var wrong = new ArrayList<String>();
            book.wrong.drainTo(wrong);
            assertThat(wrong).isEmpty();
            assertThat(book.queue.size()).isZero();
            int acknowledged = 0;
            var missing = new ArrayList<String>();
            for (int p = 0; p < next; p++) {
                for (int i = 0; i < book.acknowledged.get(p); i++) {
                    acknowledged++;
                    if (book.seen.get((long) p * MOST + i) == 0) {
                        missing.add(p + "/" + i);
                    }
                }
            }
            System.out.printf(
                    "%d producers and %d consumers killed; %d items, %d taken by consumers that could not say so any more%n",
                    kills[0], kills[1], acknowledged, missing.size());
            assertThat(missing).as("taken and not written down by the dead").hasSizeLessThanOrEqualTo(kills[1]);
            assertThat(book.queue.offer(Item.of(0, 0, new Random(1)))).isTrue();
            var item = Objects.requireNonNull(book.queue.poll());
            assertThat(item.isWhole()).isTrue();
            if (item.handle != null) {
                item.handle.close();
            }
        }
    }

    /// One that has done enough; after a while any, since they may be waiting for each other.
    private static int victim(Map<Integer, ChildProcess> living, int[] enough, Book book, Random random) {
        var ids = new ArrayList<>(living.keySet());
        long patience = System.nanoTime() + 300_000_000;
        while (true) {
            int id = ids.get(random.nextInt(ids.size()));
            if (book.progress.get(id) >= enough[id] || System.nanoTime() > patience) {
                return id;
            }
            LockSupport.parkNanos(100_000);
        }
    }

    private static ChildProcess start(Book book, int id, boolean producer, boolean ordered, Random random) {
        return producer
                ? ChildProcess.of(DeathTest::produce, book, id, random.nextLong())
                        .daemon(true)
                        .start()
                : ChildProcess.of(DeathTest::consume, book, id, ordered)
                        .daemon(true)
                        .start();
    }

    private static void join(Map<Integer, ChildProcess> living, Map<Integer, Boolean> isProducer, boolean producers)
            throws InterruptedException {
        for (var entry : living.entrySet()) {
            if (isProducer.get(entry.getKey()) == producers) {
                assertThat(entry.getValue().join(SOON))
                        .as("%s %s is not blocked", producers ? "producer" : "consumer", entry.getValue())
                        .isTrue();
                assertThat(entry.getValue().exitStatus().orElseThrow().code()).isZero();
            }
        }
    }

    // ---- deaths in a pool ---------------------------------------------------------------------------------------

    private static final int RESULTS_PER_KILL = 40;

    static int work(int n, SharedIntArray pids) {
        pids.set(n % pids.length(), (int) ProcessHandle.current().pid());
        LockSupport.parkNanos(2_000_000);
        return n + 1;
    }

    @Test
    void tasksOfKilledWorkersFailAndAllOthersSucceed() throws Exception {
        long seed = System.nanoTime();
        System.out.println("tasksOfKilledWorkersFailAndAllOthersSucceed: seed " + seed);
        var random = new Random(seed);
        int count = 2_000;
        var over = new AtomicBoolean();
        var strikes =
                new Semaphore(0); // one for so many results, so that there is progress however slow the machine is
        var kills = new int[1];
        try (var pids = SharedIntArray.ofLength(4);
                var pool = Pool.open(2)) {
            var tasks = new ArrayList<ProcessFuture<Integer>>();
            for (int i = 0; i < count; i++) {
                int n = i;
                tasks.add(pool.applyAsync(() -> work(n, pids)));
            }
            var killer = Thread.ofPlatform().start(() -> {
                while (true) {
                    strikes.acquireUninterruptibly();
                    if (over.get()) {
                        return;
                    }
                    LockSupport.parkNanos(random.nextInt(30_000_000));
                    var workers = ProcessHandle.current()
                            .children()
                            .filter(p -> Arrays.stream(pids.toArray()).anyMatch(pid -> pid == p.pid())
                                    || random.nextInt(8) == 0) // those that run tasks, and some that boot
                            .toList();
                    if (!workers.isEmpty()) {
                        workers.get(random.nextInt(workers.size())).destroyForcibly();
                        kills[0]++;
                    }
                }
            });
            int crashed = 0;
            try {
                for (int i = 0; i < count; i++) {
                    if (i % RESULTS_PER_KILL == 0) {
                        strikes.release();
                    }
                    try {
                        assertThat(tasks.get(i).get(SOON.toSeconds(), TimeUnit.SECONDS))
                                .isEqualTo(i + 1);
                    } catch (ExecutionException e) {
                        assertThat(e.getCause())
                                .isInstanceOfSatisfying(
                                        WorkerCrashedException.class,
                                        crash -> assertThat(crash.exitStatus().signal())
                                                .contains(Signal.SIGKILL));
                        crashed++;
                    }
                }
            } finally {
                over.set(true);
                strikes.release();
                killer.join();
            }
            System.out.printf("%d kills, %d of %d tasks crashed%n", kills[0], crashed, count);
            assertThat(crashed).isLessThanOrEqualTo(kills[0]);
            assertThat(pool.map(List.of(1, 2, 3), n -> n * n)).containsExactly(1, 4, 9);
        }
    }

    static int sleepLong() throws InterruptedException {
        Thread.sleep(Duration.ofMinutes(10));
        return 0;
    }

    @Test
    void aCrashIsReportedWithinASecondOrSo() throws Exception {
        try (var pids = SharedIntArray.ofLength(1);
                var pool = Pool.open(1)) {
            var task = pool.applyAsync(() -> {
                pids.set(0, (int) ProcessHandle.current().pid());
                return sleepLong();
            });
            Processes.await("the task to begin", () -> pids.get(0) != 0);
            long begin = System.nanoTime();
            ProcessHandle.of(pids.get(0)).orElseThrow().destroyForcibly();
            assertThatThrownBy(() -> task.get(SOON.toSeconds(), TimeUnit.SECONDS))
                    .hasCauseInstanceOf(WorkerCrashedException.class);
            System.out.printf(
                    "a killed worker's task failed after %d ms%n",
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
        }
    }

    /// Those that are JVMs already: what starts them cannot start another when it is killed itself.
    private static List<ProcessHandle> workers() {
        return ProcessHandle.current()
                .children()
                .filter(child ->
                        Processes.commandLine(child.pid()).stream().anyMatch(word -> word.startsWith("Worker-")))
                .toList();
    }

    /// The JVM that OOM killers, or people, kill is as likely one that is idle.
    @Test
    void aPoolOutlivesTheDeathOfIdleWorkers() throws Exception {
        try (var pool = Pool.open(1)) {
            for (int i = 0; i < 5; i++) {
                Processes.await("a worker", () -> workers().size() == 1);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(i * 50));
                var worker = workers().getFirst();
                worker.destroyForcibly();
                worker.onExit().get(30, TimeUnit.SECONDS);
            }
            assertThat(pool.<Integer>apply(() -> 1)).isEqualTo(1);
        }
    }

    /// The task is interrupted on the way out, which is no outcome of its own.
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aWorkerThatIsToldToEndHasCrashedWhateverItsTaskMakesOfIt(boolean swallows) throws Exception {
        try (var pool = Pool.open(1);
                var there = SharedInt.of(0)) {
            for (int i = 0; i < 5; i++) {
                there.set(0);
                ProcessFuture<Integer> task = pool.applyAsync(() -> {
                    there.set((int) ProcessHandle.current().pid());
                    try {
                        Thread.sleep(SOON);
                    } catch (InterruptedException e) {
                        if (!swallows) {
                            throw e;
                        }
                    }
                    return 1;
                });
                Processes.await("the task", () -> there.get() != 0);
                assertThat(Os.kill(there.get(), Os.SIGTERM)).isTrue();
                assertThatThrownBy(task::get)
                        .cause()
                        .isInstanceOfSatisfying(
                                WorkerCrashedException.class,
                                crash -> assertThat(crash.exitStatus().signal()).contains(Signal.SIGTERM));
            }
        }
    }

    private static int killItselfHard() {
        Os.kill(ProcessHandle.current().pid(), Os.SIGKILL);
        return 0;
    }

    @Test
    void aDeathIsToldThoughEveryThreadOfTheCommonPoolWaitsForIt() throws Exception {
        int threads = ForkJoinPool.getCommonPoolParallelism() + 2;
        try (var pool = Pool.open(1)) {
            var waiting = IntStream.range(0, threads)
                    .mapToObj(i -> CompletableFuture.supplyAsync(() -> waitForADeath(pool, i % 2 == 0)))
                    .toList();
            for (var each : waiting) {
                assertThat(each.get(60, TimeUnit.SECONDS)).contains("SIGKILL");
            }
        }
    }

    private static String waitForADeath(Pool pool, boolean inPool) {
        try {
            return "returned "
                    + (inPool
                            ? pool.<Integer>apply(DeathTest::killItselfHard)
                            : ChildProcess.<Integer>call(DeathTest::killItselfHard));
        } catch (WorkerCrashedException e) {
            return String.valueOf(e.getMessage());
        } catch (Exception e) {
            return e.toString();
        }
    }
}
