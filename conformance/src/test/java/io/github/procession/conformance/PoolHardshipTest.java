package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.Attempt;
import io.github.procession.Pool;
import io.github.procession.ProcessFuture;
import io.github.procession.ProcessPoolExecutor;
import io.github.procession.Progress;
import io.github.procession.Shared;
import io.github.procession.SharedEvent;
import io.github.procession.SharedInt;
import io.github.procession.WorkerCrashedException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Tasks, initializers and callers that behave badly, all of which a pool survives.
class PoolHardshipTest {
    private static final long SOON = 60; // seconds

    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private static long pid() {
        return ProcessHandle.current().pid();
    }

    private static void sleepForEver() throws InterruptedException {
        Thread.sleep(Duration.ofMinutes(10));
    }

    // ---- what is too deep ------------------------------------------------------------------------------------------

    /// A list in which each element holds the next: serialization goes as deep as it is long.
    private static final class Link implements Serializable {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings({"UnusedVariable", "serial"}) // it is there to be serialized
        private final @Nullable Link next;

        Link(@Nullable Link next) {
            this.next = next;
        }
    }

    private static Link chain(int length) {
        var link = new Link(null);
        for (int i = 1; i < length; i++) {
            link = new Link(link);
        }
        return link;
    }

    @Test
    void aResultThatIsTooDeepToSerializeIsThatTasksErrorAndItsWorkerStays() throws Exception {
        try (var pool = Pool.open(1)) {
            long worker = pool.<Long>apply(() -> pid());
            assertThatThrownBy(() -> pool.<Link>apply(() -> chain(1_000_000)))
                    .hasMessageContaining("nested too deeply");
            assertThatThrownBy(() -> pool.<Integer, Link>map(upTo(4), n -> chain(1_000_000), 4))
                    .hasMessageContaining("nested too deeply");
            assertThat(pool.<Long>apply(() -> pid())).isEqualTo(worker);
        }
    }

    @Test
    void anArgumentThatIsTooDeepToSerializeFailsItsCallOnly() throws Exception {
        try (var pool = Pool.open(1)) {
            var deep = chain(1_000_000);
            assertThatThrownBy(() -> pool.apply(() -> deep.hashCode())).hasMessageContaining("nested too deeply");
            assertThatThrownBy(() -> pool.<Link, Integer>map(List.of(deep), link -> 1))
                    .hasMessageContaining("nested too deeply");
            assertThat(pool.apply(() -> 5)).isEqualTo(5);
        }
    }

    private static final class Obstinate implements Serializable {
        private static final long serialVersionUID = 1L;

        private void writeObject(ObjectOutputStream out) {
            throw new AssertionError("not me");
        }
    }

    @Test
    void aResultWhoseSerializationThrowsAnErrorEndsItsTaskAndNotItsWorker() throws Exception {
        try (var pool = Pool.open(1)) {
            long worker = pool.<Long>apply(() -> pid());
            assertThatThrownBy(() -> pool.apply(() -> new Obstinate())).hasStackTraceContaining("not me");
            var attempts = pool.<Integer, Object>attempt(upTo(4), n -> n == 2 ? new Obstinate() : n)
                    .toList();
            assertThat(attempts.get(1)).isInstanceOf(Attempt.Success.class);
            assertThat(attempts.get(2)).isInstanceOf(Attempt.Failure.class);
            assertThatThrownBy(() -> pool.<Integer, Object>map(upTo(4), n -> n == 2 ? new Obstinate() : n, 4))
                    .hasStackTraceContaining("not me");
            assertThat(pool.<Long>apply(() -> pid())).isEqualTo(worker);
        }
    }

    private static int endless(int n) {
        return endless(n + 1) + 1;
    }

    @Test
    void aStackOverflowIsOnlyAnException() throws Exception {
        try (var pool = Pool.open(1)) {
            long worker = pool.<Long>apply(() -> pid());
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> pool.apply(() -> endless(0))).isInstanceOf(StackOverflowError.class);
            }
            assertThat(pool.<Long>apply(() -> pid())).isEqualTo(worker);
        }
    }

    // ---- errors ----------------------------------------------------------------------------------------------------

    private static final class Odd extends Error {
        private static final long serialVersionUID = 1L;

        Odd() {
            super("odd");
        }
    }

    private static final class Mute extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new AssertionError("no message");
        }

        @Override
        public synchronized @Nullable Throwable getCause() {
            throw new AssertionError("no cause");
        }

        @Override
        public StackTraceElement[] getStackTrace() {
            throw new AssertionError("no trace");
        }
    }

    private static int fail(int how) throws Throwable {
        switch (how) {
            case 0 -> throw new Odd();
            case 1 -> throw new NoClassDefFoundError("there is no such class");
            case 2 -> throw new InternalError("inside");
            case 3 -> {
                Exception deep = new IllegalStateException("the root of all");
                for (int i = 0; i < 20_000; i++) {
                    deep = new IllegalStateException("level " + i, deep);
                }
                throw deep;
            }
            case 4 -> {
                var one = new IllegalStateException("one");
                one.initCause(new IllegalStateException("two", one));
                throw one;
            }
            case 5 -> throw new Mute();
            default -> throw new Throwable("neither error nor exception");
        }
    }

    private static int failUnchecked(int how) throws Exception {
        try {
            return fail(how);
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable t) {
            throw sneaky(t);
        }
    }

    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    private static <X extends Throwable> Exception sneaky(Throwable t) throws X {
        throw (X) t;
    }

    @Test
    void whateverIsThrownEndsTheTaskAndNotTheWorker() throws Exception {
        try (var pool = Pool.open(1)) {
            long worker = pool.<Long>apply(() -> pid());
            for (int how = 0; how < 7; how++) {
                int kind = how;
                var future = pool.applyAsync(() -> failUnchecked(kind));
                assertThatThrownBy(() -> future.get(SOON, TimeUnit.SECONDS))
                        .as("kind %d", how)
                        .isInstanceOf(ExecutionException.class)
                        .cause()
                        .isNotInstanceOf(WorkerCrashedException.class);
                assertThat(pool.<Long>apply(() -> pid())).as("after %d", how).isEqualTo(worker);
            }
        }
    }

    // ---- what tasks leave behind -----------------------------------------------------------------------------------

    private static void misbehave() {
        System.out.close();
        System.err.close();
        Thread.currentThread().interrupt();
        Thread.currentThread().setName("mine");
        Thread.setDefaultUncaughtExceptionHandler((_, _) -> {});
        new Thread(() -> {
                    while (true) {
                        LockSupport.park();
                    }
                })
                .start();
    }

    @Test
    void threadsAndClosedStreamsOfTasksHoldNothingUp() throws Exception {
        try (var pool = Pool.open(1)) {
            long worker = pool.<Long>apply(() -> pid());
            for (int i = 0; i < 3; i++) {
                pool.apply(PoolHardshipTest::misbehave);
            }
            assertThat(pool.<Long>apply(() -> pid())).isEqualTo(worker);
            assertThat(pool.map(upTo(10), n -> n)).hasSize(10);
        } // and the worker leaves though a thread of its own runs on
    }

    // ---- initializers ----------------------------------------------------------------------------------------------

    @Test
    void anInitializerThatExitsBreaksThePoolAndSaysSo() {
        try (var pool = Pool.open(o -> o.workers(2).initializer(() -> {
            System.err.println("no configuration");
            System.exit(4);
        }))) {
            assertThatThrownBy(() -> pool.apply(() -> 1))
                    .hasMessageContainingAll("in a row ended before they could run a task", "exit code 4");
        }
    }

    @Test
    void anExecutorThatHasBrokenAndEndedSaysThatItIsShutDown() throws Exception {
        try (var executor = ProcessPoolExecutor.open(o -> o.workers(1).initializer(() -> {
            throw new IllegalStateException("unfit");
        }))) {
            assertThatThrownBy(() -> executor.submit(() -> 1).get(SOON, TimeUnit.SECONDS))
                    .hasStackTraceContaining("unfit");
            assertThat(executor.awaitTermination(SOON, TimeUnit.SECONDS)).isTrue();
            assertThat(executor.isShutdown()).isTrue();
            assertThat(executor).hasToString("ProcessPoolExecutor[1 workers, shut down]");
        }
    }

    @Test
    void anInitializerThatHangsHoldsUpNeitherCancelNorShutdown() throws Exception {
        try (var executor = ProcessPoolExecutor.open(o -> o.workers(1).initializer(PoolHardshipTest::sleepForEver))) {
            var first = executor.submit(() -> 1);
            var second = executor.submit(() -> 2);
            assertThatThrownBy(() -> first.get(500, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            assertThat(first.cancel(true)).isTrue();
            assertThat(executor.shutdownNow()).hasSize(1);
            assertThatThrownBy(second::get).isInstanceOf(CancellationException.class);
            assertThat(executor.awaitTermination(SOON, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aPoolWhoseInitializerHangsClosesWhenAllIsCancelled() throws Exception {
        try (var pool = Pool.open(o -> o.workers(1).initializer(PoolHardshipTest::sleepForEver))) {
            var task = pool.applyAsync(() -> 1);
            assertThatThrownBy(() -> task.get(500, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            assertThat(task.cancel(false)).isTrue();
        }
    }

    @Test
    void aPoolWhoseInitializerHangsIsTerminatedAtOnce() throws Exception {
        try (var pool = Pool.open(o -> o.workers(2).initializer(PoolHardshipTest::sleepForEver))) {
            var task = pool.applyAsync(() -> 1);
            assertThatThrownBy(() -> task.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            pool.terminate();
            assertThatThrownBy(task::get).isInstanceOf(CancellationException.class);
        }
    }

    private static void hangUnlessFirst(SharedInt initialized) throws InterruptedException {
        if (initialized.getAndAdd(1) > 0) {
            sleepForEver();
        }
    }

    @Test
    void whatWaitsForASlowWorkerIsGivenToOneThatIsReady() throws Exception {
        try (var initialized = SharedInt.of(0);
                var pool = Pool.open(o -> o.workers(2).initializer(() -> hangUnlessFirst(initialized)))) {
            var futures = new ArrayList<ProcessFuture<Integer>>();
            for (int i = 0; i < 6; i++) {
                int n = i;
                futures.add(pool.applyAsync(() -> n));
            }
            for (int i = 0; i < 6; i++) {
                assertThat(futures.get(i).get(SOON, TimeUnit.SECONDS)).isEqualTo(i);
            }
            for (int i = 0; i < 6; i++) { // one after the other
                int n = i;
                assertThat(pool.applyAsync(() -> n).get(SOON, TimeUnit.SECONDS)).isEqualTo(i);
            }
            pool.terminate();
        }
    }

    // ---- the end ---------------------------------------------------------------------------------------------------

    private static int setAndWait(SharedEvent begun, SharedEvent gate) throws InterruptedException {
        begun.set();
        gate.await();
        return 0;
    }

    @Test
    void aPoolThatClosesStartsNoWorkerForWhatWasTakenBackFromOne() throws Exception {
        try (var begun = SharedEvent.create();
                var gate = SharedEvent.create();
                var executor = ProcessPoolExecutor.open(2)) {
            var first = executor.submit(() -> setAndWait(begun, gate));
            begun.await();
            var futures = new ArrayList<ProcessFuture<Long>>();
            for (int i = 0; i < 6; i++) { // the second of them waits behind the first task
                futures.add(executor.submit(() -> pid()));
            }
            long idle = 0;
            for (var future : futures) {
                idle = future.get(SOON, TimeUnit.SECONDS);
            }
            long other = idle;
            executor.shutdown();
            Processes.await(
                    "the idle worker to leave",
                    () -> executor.stats().processes().stream().noneMatch(worker -> worker.pid() == other));
            assertThat(executor.stats().restarts()).isZero();
            gate.set();
            assertThat(first.get(SOON, TimeUnit.SECONDS)).isZero();
        }
    }

    @Test
    void aPoolWhoseFirstWorkerDoesNotComeUpIsTerminatedAllTheSame() throws Exception {
        var suspended = "-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:0";
        try (var pool = Pool.open(o -> o.workers(1).process(p -> p.jvmArgs(suspended)))) {
            var task = pool.applyAsync(() -> 1);
            Processes.await(
                    "a process of a worker", () -> !pool.stats().processes().isEmpty());
            pool.terminate();
            assertThatThrownBy(task::get).isInstanceOf(CancellationException.class);
        }
    }

    // ---- storms ----------------------------------------------------------------------------------------------------

    private static int spinFor(int micros) {
        long end = System.nanoTime() + micros * 1_000L;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        return micros;
    }

    @Test
    void cancelsAndLimitsAtTheInstantOfCompletionHitNobodyElse() throws Exception {
        long seed = System.nanoTime();
        System.out.println("cancelsAndLimitsAtTheInstantOfCompletionHitNobodyElse: seed " + seed);
        var random = new Random(seed);
        try (var executor = ProcessPoolExecutor.open(2)) {
            int right = 0;
            for (int i = 0; i < 600; i++) {
                int micros = random.nextInt(2_000);
                var limit = Duration.ofNanos(1_000_000);
                var victim = i % 2 == 0
                        ? executor.submit(() -> spinFor(micros))
                        : executor.submit(() -> spinFor(micros), o -> o.timeout(limit));
                var bystander = executor.submit(() -> {
                    Thread.sleep(1); // an interrupt that was meant for another would show here
                    return micros;
                });
                if (i % 2 == 0) {
                    LockSupport.parkNanos(random.nextInt(2_000_000));
                    victim.cancel(true);
                }
                try {
                    right += victim.get(SOON, TimeUnit.SECONDS) == micros ? 1 : 0;
                } catch (CancellationException e) {
                    assertThat(i % 2).isZero();
                } catch (ExecutionException e) {
                    assertThat(e).hasCauseInstanceOf(TimeoutException.class);
                    assertThat(i % 2).isOne();
                }
                assertThat(bystander.get(SOON, TimeUnit.SECONDS)).isEqualTo(micros);
            }
            System.out.println("  " + right + " of 600 were in time");
        }
    }

    @Test
    void resizeAndIdleLeaveWhileManySubmitLoseNothing() throws Exception {
        try (var executor = ProcessPoolExecutor.open(o -> o.workers(2).idleTimeout(Duration.ofMillis(20)))) {
            var sum = new AtomicInteger();
            var threads = new ArrayList<Thread>();
            for (int t = 0; t < 4; t++) {
                var random = new Random(t);
                threads.add(Thread.ofVirtual().start(() -> {
                    for (int i = 0; i < 60; i++) {
                        sum.addAndGet(executor.submit(() -> 1).join());
                        LockSupport.parkNanos(random.nextInt(40_000_000));
                    }
                }));
            }
            for (int i = 0; i < 60; i++) {
                executor.resize(1 + i % 3);
                LockSupport.parkNanos(20_000_000);
            }
            for (var thread : threads) {
                thread.join();
            }
            assertThat(sum.get()).isEqualTo(240);
        }
    }

    @Test
    void whatIsSubmittedWhileThePoolClosesIsRunOrRefused() throws Exception {
        for (int round = 0; round < 10; round++) {
            var pool = Pool.open(1);
            var futures = new CopyOnWriteArrayList<ProcessFuture<Integer>>();
            var begun = new CountDownLatch(1);
            var submitter = Thread.ofPlatform().start(() -> {
                try {
                    while (true) {
                        futures.add(pool.applyAsync(() -> 1));
                        begun.countDown();
                    }
                } catch (RejectedExecutionException e) {
                    // that is the end
                }
            });
            begun.await();
            if (round % 2 == 0) {
                pool.close();
            } else {
                pool.terminate();
            }
            submitter.join();
            for (var future : futures) {
                try {
                    assertThat(future.get(SOON, TimeUnit.SECONDS)).isEqualTo(1);
                } catch (CancellationException e) {
                    assertThat(round % 2).isOne();
                }
            }
        }
    }

    // ---- callers ---------------------------------------------------------------------------------------------------

    @Test
    void anInterruptWhileATaskRunsInLineIsTheCallers() throws Exception {
        try (var pool = Pool.inline()) {
            for (int how = 0; how < 3; how++) {
                int way = how;
                var failure = new AtomicReference<Throwable>();
                var asleep = new CountDownLatch(1);
                Asleep.latch = asleep;
                var caller = Thread.ofPlatform().start(() -> {
                    try {
                        switch (way) {
                            case 0 -> pool.apply(Asleep::sleep);
                            case 1 -> pool.map(upTo(3), Asleep::sleepFor);
                            default -> pool.imap(upTo(3), Asleep::sleepFor).toList();
                        }
                    } catch (Throwable e) {
                        failure.set(e);
                    }
                });
                asleep.await();
                caller.interrupt();
                caller.join();
                assertThat(failure.get())
                        .isInstanceOf(way < 2 ? InterruptedException.class : CancellationException.class);
            }
        }
    }

    private static final class Asleep {
        static volatile CountDownLatch latch = new CountDownLatch(0);

        private Asleep() {}

        static void sleep() throws InterruptedException {
            latch.countDown();
            sleepForEver();
        }

        static int sleepFor(int n) throws InterruptedException {
            sleep();
            return n;
        }
    }

    @Test
    void aStreamThatFailsBeforeThePoolIsReleasedThere() throws Exception {
        var states = new CopyOnWriteArrayList<Progress.State>();
        try (var pool = Pool.open(o -> o.workers(1).progress(states::add))) {
            assertThatThrownBy(() -> Stream.iterate(0, n -> n + 1)
                            .map(n -> {
                                if (n == 3) {
                                    throw new IllegalStateException("upstream");
                                }
                                return n;
                            })
                            .gather(pool.<Integer, Integer>mapping(n -> n))
                            .forEach(n -> {}))
                    .hasMessage("upstream");
            assertThatThrownBy(() -> upTo(50).stream()
                            .gather(pool.<Integer, Integer>mapping(n -> n))
                            .forEach(n -> {
                                throw new IllegalStateException("downstream");
                            }))
                    .hasMessage("downstream");
            Processes.await("both runs to be told to have ended", () -> {
                System.gc();
                return states.stream().filter(Progress.State::ended).count() == 2;
            });
            assertThat(pool.apply(() -> 5)).isEqualTo(5);
        }
    }

    @Test
    void aRunThatCannotBeginIsNoProgress() throws Exception {
        var states = new CopyOnWriteArrayList<Progress.State>();
        var local = new Object();
        try (var pool = Pool.open(o -> o.workers(1).progress(states::add))) {
            assertThatThrownBy(() -> pool.map(upTo(3), n -> local.hashCode()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(states).isEmpty();
        }
    }

    // ---- what goes once --------------------------------------------------------------------------------------------

    /// Counts how often it is written and read.
    private static final class Counted implements Serializable {
        private static final long serialVersionUID = 1L;
        static final AtomicInteger WRITTEN = new AtomicInteger();

        private final SharedInt read;
        private final long[] large = new long[500_000];

        Counted(SharedInt read) {
            this.read = read;
        }

        int at(int n) {
            return n + (int) large[n];
        }

        private void writeObject(ObjectOutputStream out) throws IOException {
            WRITTEN.incrementAndGet();
            out.defaultWriteObject();
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            read.incrementAndGet();
        }
    }

    @Test
    void whatAFunctionCapturesGoesToEachWorkerOnce() throws Exception {
        try (var read = SharedInt.of(0);
                var pool = Pool.open(2)) {
            var table = new Counted(read);
            Counted.WRITTEN.set(0);
            assertThat(pool.map(upTo(400), n -> table.at(n), 1)).isEqualTo(upTo(400));
            assertThat(Counted.WRITTEN.get()).isOne();
            assertThat(read.get()).isBetween(1, 2);
        }
    }

    @Test
    void whatManyTasksShareIsReadByEachWorkerOnce() throws Exception {
        try (var read = SharedInt.of(0);
                var pool = Pool.open(2);
                var shared = Shared.of(new Counted(read))) {
            var futures = new ArrayList<ProcessFuture<Integer>>();
            for (int i = 0; i < 100; i++) {
                int n = i;
                futures.add(pool.applyAsync(() -> shared.get().at(n)));
            }
            for (int i = 0; i < 100; i++) {
                assertThat(futures.get(i).get(SOON, TimeUnit.SECONDS)).isEqualTo(i);
            }
            assertThat(read.get()).isBetween(1, 2);
        }
    }
}
