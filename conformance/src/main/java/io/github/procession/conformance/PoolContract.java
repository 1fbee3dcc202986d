package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.procession.Attempt;
import io.github.procession.Pool;
import io.github.procession.ProcessFuture;
import io.github.procession.RemoteTaskException;
import io.github.procession.SharedInt;
import io.github.procession.SharedQueue;
import io.github.procession.TaskException;
import io.github.procession.WorkerCrashedException;
import io.github.procession.function.SerializableCallable;
import io.github.procession.function.SerializableFunction;
import io.github.procession.function.SerializableRunnable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a pool of workers does.
public abstract class PoolContract {
    private static final long SOON = 60; // seconds

    /// Opens a pool.
    ///
    /// @param workers how many workers
    /// @return a pool that the test closes
    protected abstract Pool open(int workers);

    /// Where the tasks of a pool run.
    protected enum Kind {
        /// In processes of their own.
        PROCESSES,
        /// In threads of this process.
        THREADS,
        /// In the thread that asks.
        INLINE
    }

    /// Where they run here. A test that cannot hold there is left out.
    ///
    /// @return the kind of the pool that [#open] opens
    protected abstract Kind kind();

    private void onlyIn(Kind... kinds) {
        assumeTrue(Arrays.asList(kinds).contains(kind()), () -> "does not apply to " + kind());
    }

    // ---- results ------------------------------------------------------------------------------------------------

    private static int square(int n) {
        return n * n;
    }

    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private static List<Integer> squares(int count) {
        return upTo(count).stream().map(PoolContract::square).toList();
    }

    @Test
    void resultsAreThoseOfALoopHoweverTheyAreAskedFor() throws Exception {
        for (int workers : new int[] {1, 3}) {
            try (var pool = open(workers)) {
                assertThat(pool.workers()).isEqualTo(kind() == Kind.INLINE ? 1 : workers);
                for (int count : new int[] {0, 1, 2, 97}) {
                    var items = upTo(count);
                    assertThat(pool.map(items, PoolContract::square)).isEqualTo(squares(count));
                    for (int chunk : new int[] {1, 2, 10, 97, 1000}) {
                        assertThat(pool.map(items, PoolContract::square, chunk))
                                .as("%d workers, %d items, chunks of %d", workers, count, chunk)
                                .isEqualTo(squares(count));
                    }
                    try (Stream<Integer> results = pool.imap(items, PoolContract::square)) {
                        assertThat(results.toList()).isEqualTo(squares(count));
                    }
                }
                assertThat(pool.<Integer>apply(() -> square(7))).isEqualTo(49);
                assertThat(pool.applyAsync(() -> square(8)).get(SOON, TimeUnit.SECONDS))
                        .isEqualTo(64);
            }
        }
    }

    @Test
    void aHundredThousandItemsKeepTheirOrder() throws Exception {
        int count = 100_000;
        try (var pool = open(2)) {
            assertThat(pool.map(upTo(count), PoolContract::square)).isEqualTo(squares(count));
            assertThat(pool.map(upTo(count), PoolContract::square, 333)).isEqualTo(squares(count));
            assertThat(pool.imap(upTo(2_000), PoolContract::square).toList()).isEqualTo(squares(2_000));
        }
    }

    private static @Nullable Integer opposite(@Nullable Integer n) {
        return n == null ? (Integer) 2 : null;
    }

    @Test
    @SuppressWarnings("NullAway") // it does not see through method references with nullable type arguments
    void nullIsAnItemAndAResult() throws Exception {
        try (var pool = open(1)) {
            assertThat(pool.<@Nullable Integer>apply(() -> opposite(1))).isNull();
            var items = new ArrayList<@Nullable Integer>(Arrays.asList(1, null, 3));
            SerializableFunction<@Nullable Integer, @Nullable Integer> opposite = PoolContract::opposite;
            assertThat(pool.<@Nullable Integer, @Nullable Integer>map(items, opposite))
                    .containsExactly(null, 2, null);
            assertThat(pool.<@Nullable Integer, @Nullable Integer>map(items, opposite, 1))
                    .containsExactly(null, 2, null);
        }
    }

    @Test
    void anActionHasNoResult() throws Exception {
        try (var pool = open(1);
                var counter = SharedInt.of(0)) {
            SerializableRunnable increment = () -> counter.incrementAndGet();
            pool.apply(increment);
            pool.apply(increment);
            assertThat(counter.get()).isEqualTo(2);
        }
    }

    @Test
    void largeArgumentsAndResultsPass() throws Exception {
        long seed = System.nanoTime();
        System.out.println("largeArgumentsAndResultsPass: seed " + seed);
        var random = new Random(seed);
        try (var pool = open(2)) {
            for (int length : new int[] {100_000, 262_144, 300_000, 20_000_000}) {
                var bytes = new byte[length];
                random.nextBytes(bytes);
                SerializableFunction<byte[], byte[]> reversed = PoolContract::reversed;
                byte[] result = pool.apply(() -> reversed.apply(bytes));
                assertThat(Arrays.equals(reversed(result), bytes)).isTrue();
                byte[] again = pool.map(List.of(bytes, bytes), reversed).get(1);
                assertThat(Arrays.equals(reversed(again), bytes)).isTrue();
            }
        }
    }

    private static byte[] reversed(byte[] bytes) {
        var reversed = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            reversed[bytes.length - 1 - i] = bytes[i];
        }
        return reversed;
    }

    @Test
    void threadsShareAPool() throws Exception {
        try (var pool = open(2)) {
            var runs = new ArrayList<FutureTask<List<Integer>>>();
            for (int t = 0; t < 6; t++) {
                int chunk = t + 1;
                var run = new FutureTask<>(() -> chunk == 6
                        ? pool.imap(upTo(300), PoolContract::square).toList()
                        : pool.map(upTo(300), PoolContract::square, chunk));
                runs.add(run);
                if (t % 2 == 0) {
                    Thread.ofVirtual().start(run);
                } else {
                    Thread.ofPlatform().daemon().start(run);
                }
            }
            for (var run : runs) {
                assertThat(run.get(SOON, TimeUnit.SECONDS)).isEqualTo(squares(300));
            }
        }
    }

    @Test
    void aTaskHasAPoolOfItsOwn() throws Exception {
        try (var pool = open(1)) {
            assertThat(pool.<Integer>apply(PoolContract::sumOfSquares)).isEqualTo(55);
        }
    }

    private static int sumOfSquares() throws InterruptedException {
        try (var pool = Pool.open(2)) {
            return pool.map(List.of(1, 2, 3, 4, 5), PoolContract::square).stream()
                    .mapToInt(Integer::intValue)
                    .sum();
        }
    }

    // ---- items that come as they are asked for ------------------------------------------------------------------

    @Test
    void imapReadsAnEndlessIterableOnlyAFewItemsAhead() {
        int workers = 2;
        try (var pool = open(workers)) {
            var read = new AtomicInteger();
            Iterable<Integer> endless =
                    () -> Stream.generate(read::getAndIncrement).iterator();
            try (Stream<Integer> results = pool.imap(endless, PoolContract::square)) {
                var iterator = results.iterator();
                for (int i = 0; i < 500; i++) {
                    assertThat(iterator.next()).isEqualTo(square(i));
                    assertThat(read.get())
                            .as("read when %d results were taken", i + 1)
                            .isLessThan(i + 1 + 32 * workers);
                }
            }
            assertThat(pool.imap(upTo(10), PoolContract::square).toList()).isEqualTo(squares(10));
        }
    }

    private static final class Broken extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Broken(String message) {
            super(message);
        }
    }

    @Test
    void anIterableThatThrowsAtOnceThrowsThat() {
        try (var pool = open(1);
                var captured = SharedInt.of(1)) {
            SerializableFunction<Integer, Integer> function = n -> n + captured.get();
            Iterable<Integer> noIterator = () -> {
                throw new Broken("no iterator");
            };
            Iterable<Integer> noFirst = () -> failingAfter(0);
            for (var broken : List.of(noIterator, noFirst)) {
                assertThatThrownBy(() -> pool.map(broken, function)).isInstanceOf(Broken.class);
                assertThatThrownBy(() -> pool.map(broken, function, 2)).isInstanceOf(Broken.class);
                assertThatThrownBy(() -> pool.imap(broken, function).toList()).isInstanceOf(Broken.class);
            }
        }
    }

    @Test
    void anIterableThatThrowsAfterThreeGivesThoseFirst() {
        try (var pool = open(2)) {
            assertThatThrownBy(() -> pool.map(() -> failingAfter(3), PoolContract::square))
                    .isInstanceOf(Broken.class);
            try (Stream<Integer> results = pool.imap(() -> failingAfter(3), PoolContract::square)) {
                var iterator = results.iterator();
                assertThat(List.of(iterator.next(), iterator.next(), iterator.next()))
                        .containsExactly(0, 1, 4);
                assertThatThrownBy(iterator::next).isInstanceOf(Broken.class).hasMessage("after 3");
                assertThat(iterator.hasNext()).isFalse();
            }
        }
    }

    private static Iterator<Integer> failingAfter(int count) {
        return Stream.iterate(0, n -> n + 1)
                .map(n -> {
                    if (n == count) {
                        throw new Broken("after " + count);
                    }
                    return n;
                })
                .iterator();
    }

    private static int oddOnly(int n) {
        if (n % 2 == 0) {
            throw new Broken("even: " + n);
        }
        return n;
    }

    @Test
    void theExceptionOfAnItemIsThrownAtItsPlaceAndTheRestFollows() {
        try (var pool = open(2)) {
            try (Stream<Integer> results = pool.imap(upTo(20), PoolContract::oddOnly)) {
                var iterator = results.iterator();
                for (int i = 0; i < 20; i++) {
                    if (i % 2 == 0) {
                        assertThatThrownBy(iterator::next)
                                .isInstanceOf(Broken.class)
                                .hasMessage("even: " + i);
                    } else {
                        assertThat(iterator.next()).isEqualTo(i);
                    }
                }
                assertThat(iterator.hasNext()).isFalse();
            }
            for (int chunk : new int[] {1, 3, 100}) {
                assertThatThrownBy(() -> pool.map(List.of(5, 3, 8, 1, 6), PoolContract::oddOnly, chunk))
                        .isInstanceOf(Broken.class)
                        .hasMessage("even: 8");
            }
        }
    }

    @Test
    void anImapThatIsClosedEarlyLeavesThePoolUsable() throws Exception {
        try (var pool = open(2);
                var captured = SharedInt.of(3)) {
            for (int i = 0; i < 10; i++) {
                try (Stream<Integer> results = pool.imap(upTo(1000), n -> n + captured.get())) {
                    assertThat(results.limit(3).toList()).containsExactly(3, 4, 5);
                }
            }
            assertThat(pool.map(upTo(50), PoolContract::square)).isEqualTo(squares(50));
        }
    }

    // ---- failures -----------------------------------------------------------------------------------------------

    private static final class NotMeForTravel extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @SuppressWarnings("UnusedVariable") // what makes it unfit to travel
        private final Object luggage = new Object();

        NotMeForTravel() {
            super("has luggage");
        }
    }

    private static int fail(String how) throws Exception {
        switch (how) {
            case "unchecked" -> throw new Broken("in the task");
            case "error" -> throw new LinkageError("in the task");
            case "checked" -> throw new FileNotFoundException("in the task");
            case "not for travel" -> throw new NotMeForTravel();
            default -> throw new IOException(how);
        }
    }

    @Test
    void exceptionsArriveAsTheyWereThrown() {
        try (var pool = open(1)) {
            assertThatThrownBy(() -> pool.<Integer>apply(() -> fail("unchecked")))
                    .isInstanceOf(Broken.class)
                    .hasMessage("in the task")
                    .hasStackTraceContaining("PoolContract.fail")
                    .hasStackTraceContaining("exceptionsArriveAsTheyWereThrown");
            assertThatThrownBy(() -> pool.<Integer>apply(() -> fail("error"))).isInstanceOf(LinkageError.class);
            assertThatThrownBy(() -> pool.<Integer>apply(() -> fail("checked")))
                    .isInstanceOf(TaskException.class)
                    .cause()
                    .isInstanceOf(FileNotFoundException.class)
                    .hasMessage("in the task");
            assertThatThrownBy(() -> pool.map(List.of("checked"), PoolContract::fail))
                    .isInstanceOf(TaskException.class)
                    .hasCauseInstanceOf(FileNotFoundException.class);
            var future = pool.applyAsync(() -> fail("unchecked"));
            assertThatThrownBy(() -> future.get(SOON, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(Broken.class);
            var checked = pool.applyAsync(() -> fail("checked"));
            assertThatThrownBy(() -> checked.get(SOON, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasRootCauseInstanceOf(FileNotFoundException.class);
        }
    }

    @Test
    void whatCannotTravelArrivesInWords() {
        onlyIn(Kind.PROCESSES);
        try (var pool = open(1)) {
            assertThatThrownBy(() -> pool.<Integer>apply(() -> fail("not for travel")))
                    .isInstanceOfSatisfying(RemoteTaskException.class, e -> {
                        assertThat(e.className()).isEqualTo(NotMeForTravel.class.getName());
                        assertThat(e.remoteMessage()).isEqualTo("has luggage");
                        assertThat(e.remoteTrace()).contains("PoolContract.fail");
                        assertThat(e).hasMessageContaining("java.lang.Object");
                    });
        }
    }

    private record Box(@Nullable Object content) implements Serializable {}

    @Test
    void whatCannotBeSerializedFailsThatCallOnlyTwentyTimesInARow() throws Exception {
        onlyIn(Kind.PROCESSES, Kind.INLINE);
        try (var pool = open(2)) {
            var local = new Object();
            for (int i = 0; i < 20; i++) {
                assertThatThrownBy(() -> pool.<String>apply(() -> local.toString()))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContainingAll("task", "captured", "java.lang.Object");
                assertThatThrownBy(() -> pool.<Box>apply(() -> new Box(new Object())))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContainingAll("result", "Box.content", "java.lang.Object");
                assertThatThrownBy(() -> pool.map(List.of(1, 2), n -> local.hashCode() + n))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("function");
                assertThatThrownBy(() -> pool.map(List.of(new Object()), Object::hashCode))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("item");
                assertThatThrownBy(() -> pool.map(upTo(4), n -> new Box(n == 2 ? new Object() : n), 2))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("result");
                assertThat(pool.<Integer>apply(() -> square(3))).isEqualTo(9);
            }
        }
    }

    @Test
    void anUnsendableResultOfOneItemDoesNotTakeTheOthersOfItsChunkAlong() {
        onlyIn(Kind.PROCESSES, Kind.INLINE);
        try (var pool = open(1);
                var results = pool.imap(upTo(4), n -> new Box(n == 2 ? new Object() : n))) {
            var iterator = results.iterator();
            assertThat(iterator.next()).isEqualTo(new Box(0));
            assertThat(iterator.next()).isEqualTo(new Box(1));
            assertThatThrownBy(iterator::next).isInstanceOf(IllegalArgumentException.class);
            assertThat(iterator.next()).isEqualTo(new Box(3));
        }
    }

    /// When a travelling object does its harm.
    private enum Stage {
        ARRIVING,
        RUNNING,
        LEAVING
    }

    /// What the harm is.
    enum Harm {
        HALT,
        EXIT,
        EXCEPTION,
        ERROR,
        STACK_OVERFLOW;

        void doIt() {
            switch (this) {
                case HALT -> Runtime.getRuntime().halt(7);
                case EXIT -> System.exit(8);
                case EXCEPTION -> throw new Broken("harm");
                case ERROR -> throw new AssertionError("harm");
                case STACK_OVERFLOW -> doIt();
            }
        }

        void check(@Nullable Throwable failure) {
            switch (this) {
                case HALT, EXIT ->
                    assertThat(failure).isInstanceOfSatisfying(WorkerCrashedException.class, crash -> {
                        assertThat(crash.exitStatus().code()).isEqualTo(this == HALT ? 7 : 8);
                        assertThat(crash.exitStatus().signal()).isEmpty();
                        assertThat(crash.pid()).isPositive();
                    });
                case EXCEPTION, ERROR -> assertThat(failure).hasStackTraceContaining("harm");
                case STACK_OVERFLOW -> assertThat(failure).isNotInstanceOf(WorkerCrashedException.class);
            }
        }
    }

    /// Does harm at one stage of its journey, wherever it has not yet been.
    private static final class Bomb implements SerializableCallable<Object>, SerializableFunction<Integer, Object> {
        private static final long serialVersionUID = 1L;
        private static final long HOME = ProcessHandle.current().pid();

        private final Harm harm;
        private final Stage stage;
        private final long home = HOME;

        Bomb(Harm harm, Stage stage) {
            this.harm = harm;
            this.stage = stage;
        }

        private boolean isAway() {
            return home != ProcessHandle.current().pid();
        }

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            in.defaultReadObject();
            if (stage == Stage.ARRIVING && isAway()) {
                harm.doIt();
            }
        }

        private void writeObject(ObjectOutputStream out) throws IOException {
            if (stage == Stage.LEAVING && isAway()) {
                harm.doIt();
            }
            out.defaultWriteObject();
        }

        @Override
        public Object call() {
            if (stage == Stage.RUNNING) {
                harm.doIt();
            }
            return stage == Stage.LEAVING ? this : "unharmed";
        }

        @Override
        public Object apply(Integer item) {
            return item % 2 == 0 ? "unharmed" : call();
        }
    }

    @ParameterizedTest
    @EnumSource(Harm.class)
    void harmAtAnyStageIsADefiniteFailureOfThatTaskOnly(Harm harm) throws Exception {
        onlyIn(Kind.PROCESSES);
        try (var pool = open(2)) {
            for (var stage : Stage.values()) {
                var bomb = new Bomb(harm, stage);
                var before = pool.applyAsync(() -> square(4));
                var harmed = pool.applyAsync(bomb);
                var after = pool.applyAsync(() -> square(5));
                assertThatThrownBy(() -> harmed.get(SOON, TimeUnit.SECONDS))
                        .as("%s while %s", harm, stage)
                        .isInstanceOf(ExecutionException.class)
                        .satisfies(e -> harm.check(e.getCause()));
                assertThat(before.get(SOON, TimeUnit.SECONDS)).isEqualTo(16);
                assertThat(after.get(SOON, TimeUnit.SECONDS)).isEqualTo(25);
                assertThatThrownBy(() -> pool.map(List.of(0, 1, 2), bomb, 1)).satisfies(harm::check);
                assertThat(pool.<Integer>apply(() -> square(6))).isEqualTo(36);
            }
        }
    }

    @Test
    void aDeathWhileItsResultIsBeingWrittenFailsTheTask() throws Exception {
        onlyIn(Kind.PROCESSES);
        try (var pool = open(1)) {
            for (int millis = 0; millis < 12; millis += 4) {
                int delay = millis;
                var future = pool.applyAsync(() -> largeAndShortLived(delay));
                try {
                    assertThat(future.get(SOON, TimeUnit.SECONDS)).hasSize(10_000_000);
                } catch (ExecutionException e) {
                    assertThat(e.getCause()).isInstanceOf(WorkerCrashedException.class);
                }
            }
            assertThat(pool.<Integer>apply(() -> square(3))).isEqualTo(9);
        }
    }

    private static byte[] largeAndShortLived(int delay) {
        Thread.ofPlatform().daemon().start(() -> {
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(delay));
            Runtime.getRuntime().halt(9);
        });
        return new byte[10_000_000];
    }

    @Test
    void whatATaskLeavesInItsThreadDoesNotReachTheNext() throws Exception {
        onlyIn(Kind.PROCESSES);
        try (var pool = open(1)) {
            pool.apply(() -> Thread.currentThread().interrupt());
            assertThat(pool.<Boolean>apply(() -> Thread.currentThread().isInterrupted()))
                    .isFalse();
            SerializableRunnable startsAThread = () -> Thread.ofPlatform().start(() -> sleep(60_000));
            pool.apply(startsAThread);
            assertThat(pool.<Integer>apply(() -> square(2))).isEqualTo(4);
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    // ---- futures ------------------------------------------------------------------------------------------------

    @Test
    void anExceptionInACallbackHurtsNobody() throws Exception {
        try (var pool = open(1)) {
            var first = pool.applyAsync(() -> square(2));
            var broken = first.thenApply(n -> {
                throw new Broken("callback of " + n);
            });
            var fine = first.thenApply(n -> n + 1);
            assertThat(fine.get(SOON, TimeUnit.SECONDS)).isEqualTo(5);
            assertThatThrownBy(() -> broken.get(SOON, TimeUnit.SECONDS)).hasRootCauseInstanceOf(Broken.class);
            assertThat(pool.<Integer>apply(() -> square(3))).isEqualTo(9);
        }
    }

    @Test
    void aCallbackMayWaitForTheSamePool() throws Exception {
        try (var pool = open(1)) {
            CompletableFuture<Integer> chained = pool.applyAsync(() -> square(2))
                    .thenApply(n -> {
                        try {
                            return pool.<Integer>apply(() -> square(n));
                        } catch (InterruptedException e) {
                            throw new AssertionError(e);
                        }
                    });
            assertThat(chained.get(SOON, TimeUnit.SECONDS)).isEqualTo(16);
        }
    }

    private static int await(SharedQueue<Integer> gate) throws InterruptedException {
        return gate.take();
    }

    @Test
    void aTaskThatHasNotBegunIsCancelledBeforeItBegins() throws Exception {
        onlyIn(Kind.PROCESSES, Kind.THREADS);
        try (var pool = open(1);
                SharedQueue<Integer> gate = SharedQueue.create(10);
                var ran = SharedInt.of(0)) {
            var running = pool.applyAsync(() -> await(gate));
            var waiting = new ArrayList<ProcessFuture<Integer>>();
            for (int i = 0; i < 5; i++) {
                waiting.add(pool.applyAsync(() -> ran.incrementAndGet()));
            }
            for (var future : waiting) {
                assertThat(future.cancel(false)).isTrue();
                assertThat(future.cancel(true)).isTrue();
                assertThat(future).isCancelled();
            }
            gate.put(1);
            assertThat(running.get(SOON, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(pool.<Integer>apply(() -> square(2))).isEqualTo(4);
            assertThat(ran.get()).as("cancelled tasks that ran").isZero();
        }
    }

    @Test
    void aRunningTaskIsStoppedByCancelHoweverItResists() throws Exception {
        onlyIn(Kind.PROCESSES);
        try (var pool = open(1);
                var begun = SharedInt.of(0)) {
            var polite = pool.applyAsync(() -> sleepAfter(begun));
            awaitValue(begun, 1);
            assertThat(polite.cancel(true)).isTrue();
            assertThat(pool.<Integer>apply(() -> square(2))).isEqualTo(4);
            var stubborn = pool.applyAsync(() -> spinAfter(begun));
            awaitValue(begun, 2);
            assertThat(stubborn.cancel(true)).isTrue();
            assertThat(pool.<Integer>apply(() -> square(3))).isEqualTo(9);
        }
    }

    private static int sleepAfter(SharedInt begun) throws InterruptedException {
        begun.incrementAndGet();
        Thread.sleep(Duration.ofMinutes(10));
        return 0;
    }

    private static int spinAfter(SharedInt begun) {
        begun.incrementAndGet();
        while (begun.get() < 1_000_000) {
            Thread.onSpinWait();
        }
        return 0;
    }

    private static void awaitValue(SharedInt shared, int value) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SOON);
        while (shared.get() < value) {
            assertThat(System.nanoTime()).isLessThan(end);
            java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void anInterruptedCallerCancelsItsTask() throws Exception {
        onlyIn(Kind.PROCESSES, Kind.THREADS);
        try (var pool = open(1);
                var begun = SharedInt.of(0)) {
            var thrown = new AtomicReference<@Nullable Throwable>();
            var caller = Thread.ofPlatform().daemon().start(() -> {
                try {
                    pool.<Integer>apply(() -> sleepAfter(begun));
                } catch (Throwable e) {
                    thrown.set(e);
                }
            });
            awaitValue(begun, 1);
            caller.interrupt();
            caller.join(Duration.ofSeconds(SOON));
            assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
            assertThat(pool.<Integer>apply(() -> square(2))).isEqualTo(4);
        }
    }

    // ---- workers ------------------------------------------------------------------------------------------------

    private static long pidAfter(SharedInt begun, SharedQueue<Integer> gate) throws InterruptedException {
        begun.incrementAndGet();
        gate.take();
        return ProcessHandle.current().pid();
    }

    @Test
    void manyBlockedTasksMakeExactlyAsManyProcessesAsThereAreWorkers() throws Exception {
        onlyIn(Kind.PROCESSES);
        int workers = 2;
        try (var pool = open(workers);
                SharedQueue<Integer> gate = SharedQueue.create();
                var begun = SharedInt.of(0)) {
            var tasks = new ArrayList<ProcessFuture<Long>>();
            for (int i = 0; i < 15 * workers; i++) {
                tasks.add(pool.applyAsync(() -> pidAfter(begun, gate)));
            }
            awaitValue(begun, workers);
            assertThat(begun.get()).isEqualTo(workers);
            for (int i = 0; i < 15 * workers; i++) {
                gate.put(i);
            }
            var pids = new HashSet<Long>();
            for (var task : tasks) {
                pids.add(task.get(SOON, TimeUnit.SECONDS));
            }
            assertThat(pids).hasSize(workers);
        }
    }

    @Test
    void tasksOneAfterTheOtherUseTheSameProcesses() throws Exception {
        try (var pool = open(1)) {
            var pids = new HashSet<Long>();
            for (int i = 0; i < 50; i++) {
                pids.add(pool.<Long>apply(() -> ProcessHandle.current().pid()));
            }
            assertThat(pids).hasSize(1);
        }
    }

    @Test
    void aLongTaskDoesNotHoldUpWhatWaitsBehindIt() throws Exception {
        onlyIn(Kind.PROCESSES, Kind.THREADS);
        try (var pool = open(2);
                SharedQueue<Integer> gate = SharedQueue.create(1)) {
            var stuck = pool.applyAsync(() -> await(gate));
            var others = new ArrayList<ProcessFuture<Integer>>();
            for (int i = 0; i < 20; i++) {
                others.add(pool.applyAsync(() -> square(3)));
            }
            for (var other : others) {
                assertThat(other.get(SOON, TimeUnit.SECONDS)).isEqualTo(9);
            }
            assertThat(stuck).isNotDone();
            gate.put(1);
            assertThat(stuck.get(SOON, TimeUnit.SECONDS)).isEqualTo(1);
        }
    }

    // ---- the end ------------------------------------------------------------------------------------------------

    @Test
    void closeWaitsForWhatWasGiven() throws Exception {
        var tasks = new ArrayList<ProcessFuture<Integer>>();
        try (var done = SharedInt.of(0)) {
            try (var pool = open(2)) {
                for (int i = 0; i < 50; i++) {
                    tasks.add(pool.applyAsync(() -> {
                        sleep(5);
                        return done.incrementAndGet();
                    }));
                }
            }
            assertThat(done.get()).isEqualTo(50);
        }
        for (var task : tasks) {
            assertThat(task.get(SOON, TimeUnit.SECONDS)).isBetween(1, 50);
        }
    }

    @Test
    void aClosedPoolRefuses() throws Exception {
        var pool = open(1);
        assertThat(pool.<Integer>apply(() -> square(1))).isEqualTo(1);
        pool.close();
        pool.close();
        pool.terminate();
        assertThatThrownBy(() -> pool.apply(() -> square(2)))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> pool.applyAsync(() -> square(2))).isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> pool.map(upTo(3), PoolContract::square))
                .isInstanceOf(RejectedExecutionException.class);
        assertThatThrownBy(() -> pool.imap(upTo(3), PoolContract::square).toList())
                .isInstanceOf(RejectedExecutionException.class);
    }

    @Test
    void aPoolThatWasNeverUsedCloses() {
        open(2).close();
        open(2).terminate();
    }

    @Test
    void terminateCompletesTenThousandSleepingTasks() throws Exception {
        onlyIn(Kind.PROCESSES, Kind.THREADS);
        var pool = open(2);
        var tasks = new ArrayList<ProcessFuture<Integer>>();
        for (int i = 0; i < 10_000; i++) {
            tasks.add(pool.applyAsync(() -> {
                sleep(600_000);
                return 1;
            }));
        }
        long begin = System.nanoTime();
        pool.terminate();
        for (var task : tasks) {
            assertThatThrownBy(() -> task.get(SOON, TimeUnit.SECONDS)).isInstanceOf(CancellationException.class);
        }
        System.out.printf(
                "terminate with 10,000 sleeping tasks: %d ms%n",
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin));
        pool.terminate();
        pool.close();
    }

    @Test
    void terminateEndsCloseAndMapAndImapOfOtherThreads() throws Exception {
        onlyIn(Kind.PROCESSES, Kind.THREADS);
        var pool = open(2);
        try (var begun = SharedInt.of(0)) {
            var map = new FutureTask<>(() -> pool.map(upTo(100), n -> sleepAfter(begun)));
            var imap = new FutureTask<>(
                    () -> pool.imap(upTo(100), n -> sleepAfter(begun)).toList());
            var close = new FutureTask<>(() -> {
                pool.close();
                return true;
            });
            Thread.ofPlatform().daemon().start(map);
            Thread.ofPlatform().daemon().start(imap);
            awaitValue(begun, 2);
            Thread.ofPlatform().daemon().start(close);
            assertThatThrownBy(() -> close.get(50, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            pool.terminate();
            assertThat(close.get(SOON, TimeUnit.SECONDS)).isTrue();
            assertThatThrownBy(() -> map.get(SOON, TimeUnit.SECONDS)).hasCauseInstanceOf(CancellationException.class);
            assertThatThrownBy(() -> imap.get(SOON, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfAny(CancellationException.class, RejectedExecutionException.class);
        }
    }

    @Test
    void whatIsCancelledJustBeforeTheCloseDoesNotHoldItUp() throws Exception {
        onlyIn(Kind.PROCESSES, Kind.THREADS);
        for (boolean interrupt : new boolean[] {false, true}) {
            try (var begun = SharedInt.of(0)) {
                var tasks = new ArrayList<ProcessFuture<Integer>>();
                try (var pool = open(1)) {
                    tasks.add(pool.applyAsync(() -> {
                        begun.incrementAndGet();
                        sleep(interrupt ? 600_000 : 100);
                        return 1;
                    }));
                    for (int i = 0; i < 10; i++) {
                        tasks.add(pool.applyAsync(() -> sleepAfter(begun)));
                    }
                    awaitValue(begun, 1);
                    tasks.forEach(task -> task.cancel(interrupt));
                }
                assertThat(tasks).allMatch(ProcessFuture::isCancelled);
            }
        }
    }

    // ---- all ways to ask ----------------------------------------------------------------------------------------

    private static int minus(int a, int b) {
        return a - b;
    }

    @Test
    void aFunctionOfTwoIsAppliedToPairs() throws Exception {
        try (var pool = open(2)) {
            var pairs = new ArrayList<Map.Entry<Integer, Integer>>();
            var expected = new ArrayList<Integer>();
            for (int i = 0; i < 50; i++) {
                pairs.add(Map.entry(i * i, i));
                expected.add(i * i - i);
            }
            assertThat(pool.<Integer, Integer, Integer>starmap(pairs, PoolContract::minus))
                    .isEqualTo(expected);
            assertThat(pool.<Integer, Integer, Integer>starmapAsync(pairs, PoolContract::minus)
                            .get(SOON, TimeUnit.SECONDS))
                    .isEqualTo(expected);
            assertThat(pool.starmap(Map.of("a", 1).entrySet(), (name, n) -> name + n))
                    .containsExactly("a1");
        }
    }

    @Test
    void mapInTheBackgroundComesToTheSame() throws Exception {
        try (var pool = open(2)) {
            for (int count : new int[] {0, 1, 97}) {
                ProcessFuture<List<Integer>> future = pool.mapAsync(upTo(count), PoolContract::square);
                assertThat(future.get(SOON, TimeUnit.SECONDS)).isEqualTo(squares(count));
            }
            var failing = pool.mapAsync(List.of(5, 3, 8, 1, 6), PoolContract::oddOnly);
            assertThatThrownBy(() -> failing.get(SOON, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(Broken.class)
                    .hasMessage("even: 8");
        }
    }

    @Test
    void aMapInTheBackgroundCanBeCancelled() throws Exception {
        onlyIn(Kind.PROCESSES, Kind.THREADS);
        try (var pool = open(1);
                var begun = SharedInt.of(0)) {
            var future = pool.mapAsync(upTo(20), n -> sleepAfter(begun));
            awaitValue(begun, 1);
            assertThat(future.cancel(true)).isTrue();
            assertThat(pool.<Integer>apply(() -> square(2))).isEqualTo(4);
            assertThat(begun.get()).isLessThan(3);
        }
    }

    @Test
    void imapUnorderedGivesEachResultOnceAndTheQuickBeforeTheSlow() throws Exception {
        try (var pool = open(2)) {
            assertThat(pool.imapUnordered(upTo(500), PoolContract::square).toList())
                    .containsExactlyInAnyOrderElementsOf(squares(500));
            assertThat(pool.imapUnordered(List.<Integer>of(), PoolContract::square)
                            .toList())
                    .isEmpty();
            assertThatThrownBy(() -> pool.imapUnordered(() -> failingAfter(3), PoolContract::square)
                            .toList())
                    .isInstanceOf(Broken.class)
                    .hasMessage("after 3");
        }
    }

    @Test
    void imapUnorderedDoesNotWaitForASlowItem() throws Exception {
        onlyIn(Kind.PROCESSES, Kind.THREADS);
        try (var pool = open(2);
                SharedQueue<Integer> gate = SharedQueue.create(1);
                Stream<Integer> results = pool.imapUnordered(List.of(-1, 1, 2), n -> n < 0 ? gate.take() : n)) {
            var iterator = results.iterator();
            assertThat(List.of(iterator.next(), iterator.next())).containsExactlyInAnyOrder(1, 2);
            gate.put(77);
            assertThat(iterator.next()).isEqualTo(77);
            assertThat(iterator.hasNext()).isFalse();
        }
    }

    @Test
    void anAttemptStopsAtNothing() throws Exception {
        try (var pool = open(2);
                var attempts = pool.attempt(upTo(20), PoolContract::oddOnly)) {
            int i = 0;
            for (var attempt : attempts.toList()) {
                assertThat(attempt.item()).isEqualTo(i);
                switch (attempt) {
                    case Attempt.Success<Integer, Integer>(Integer item, Integer value) ->
                        assertThat(value)
                                .isEqualTo(item)
                                .satisfies(n -> assertThat(n % 2).isOne());
                    case Attempt.Failure<Integer, Integer>(Integer item, Throwable cause) ->
                        assertThat(cause).isInstanceOf(Broken.class).hasMessage("even: " + item);
                }
                i++;
            }
            assertThat(i).isEqualTo(20);
        }
    }

    @Test
    void anItemThatCannotBeSentIsAFailedAttempt() {
        onlyIn(Kind.PROCESSES, Kind.INLINE);
        try (var pool = open(1)) {
            var attempts = pool.attempt(List.<Object>of("a", new Object(), "b"), Object::hashCode)
                    .toList();
            assertThat(attempts).hasSize(3);
            assertThat(attempts.get(0)).isInstanceOf(Attempt.Success.class);
            assertThat(attempts.get(1))
                    .isInstanceOfSatisfying(
                            Attempt.Failure.class,
                            failure -> assertThat(failure.cause())
                                    .isInstanceOf(IllegalArgumentException.class)
                                    .hasMessageContaining("java.lang.Object"));
            assertThat(attempts.get(2)).isInstanceOf(Attempt.Success.class);
        }
    }

    @Test
    void aStreamGoesThroughThePool() throws Exception {
        try (var pool = open(2)) {
            for (int count : new int[] {0, 1, 300}) {
                assertThat(upTo(count).stream()
                                .gather(pool.mapping(PoolContract::square))
                                .toList())
                        .isEqualTo(squares(count));
            }
            assertThatThrownBy(() -> upTo(10).stream()
                            .gather(pool.mapping(PoolContract::oddOnly))
                            .toList())
                    .isInstanceOf(Broken.class)
                    .hasMessage("even: 0");
            assertThatThrownBy(() -> Stream.of(1, 2, 3)
                            .gather(pool.mapping(PoolContract::square))
                            .peek(n -> {
                                throw new Broken("downstream");
                            })
                            .toList())
                    .isInstanceOf(Broken.class)
                    .hasMessage("downstream");
            assertThat(pool.<Integer>apply(() -> square(3))).isEqualTo(9);
        }
    }

    @Test
    void aStreamThatWantsNoMoreEndsWhatIsLeft() throws Exception {
        int workers = 2;
        try (var pool = open(workers);
                var ran = SharedInt.of(0)) {
            var read = new AtomicInteger();
            var first = Stream.generate(read::incrementAndGet)
                    .gather(pool.<Integer, Integer>mapping(n -> ran.addAndGet(0 * n + 1)))
                    .findFirst();
            assertThat(first).isPresent();
            assertThat(pool.<Integer>apply(() -> square(3))).isEqualTo(9);
            assertThat(read.get()).isLessThan(32 * workers);
            assertThat(ran.get()).isLessThan(32 * workers);
        }
    }

    @Test
    void statsCount() throws Exception {
        Pool closed;
        try (var pool = open(2)) {
            closed = pool;
            var _ = pool.map(upTo(40), PoolContract::square);
            assertThatThrownBy(() -> pool.apply(() -> fail("unchecked"))).isInstanceOf(Broken.class);
            var stats = pool.stats();
            assertThat(stats.done()).isEqualTo(40);
            assertThat(stats.failed()).isEqualTo(1);
            assertThat(stats.crashed()).isZero();
            assertThat(stats.waiting()).isZero();
            assertThat(stats.busy()).isPositive();
        }
        assertThat(closed.stats().done()).isEqualTo(40);
    }

    @Test
    void callbacksRunInTheirOrderAndHurtNobody() throws Exception {
        onlyIn(Kind.PROCESSES, Kind.THREADS);
        try (var pool = open(1);
                SharedQueue<Integer> gate = SharedQueue.create(1)) {
            var future = pool.applyAsync(() -> await(gate));
            var order = new CopyOnWriteArrayList<Integer>();
            var all = new CountDownLatch(5);
            for (int i = 0; i < 5; i++) {
                int number = i;
                future.onDone(done -> {
                    order.add(number);
                    all.countDown();
                    if (number == 1) {
                        throw new Broken("callback");
                    }
                });
            }
            gate.put(1);
            assertThat(all.await(SOON, TimeUnit.SECONDS)).isTrue();
            assertThat(order).containsExactly(0, 1, 2, 3, 4);
            var last = new CountDownLatch(1);
            future.onDone(done -> last.countDown());
            assertThat(last.await(SOON, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void futuresAreAwaitedAndTakenAsTheyComplete() throws Exception {
        onlyIn(Kind.PROCESSES, Kind.THREADS);
        try (var pool = open(3);
                SharedQueue<Integer> first = SharedQueue.create(1);
                SharedQueue<Integer> second = SharedQueue.create(1)) {
            var slow = pool.applyAsync(() -> await(second));
            var quick = pool.applyAsync(() -> await(first));
            var all = List.of(slow, quick);
            var none = ProcessFuture.await(all, ProcessFuture.Until.FIRST_COMPLETED, Duration.ofMillis(20));
            assertThat(none.done()).isEmpty();
            assertThat(none.pending()).containsExactly(slow, quick);
            first.put(1);
            var one = ProcessFuture.await(all, ProcessFuture.Until.FIRST_COMPLETED, Duration.ofSeconds(SOON));
            assertThat(one.done()).containsExactly(quick);
            assertThat(one.pending()).containsExactly(slow);
            var failing = pool.applyAsync(() -> fail("unchecked"));
            var failed = ProcessFuture.await(
                    List.of(slow, quick, failing), ProcessFuture.Until.FIRST_EXCEPTION, Duration.ofSeconds(SOON));
            assertThat(failed.done()).contains(failing).doesNotContain(slow);
            second.put(2);
            assertThat(ProcessFuture.await(all, ProcessFuture.Until.ALL_COMPLETED, Duration.ofSeconds(SOON))
                            .pending())
                    .isEmpty();
            var plain = new FutureTask<>(() -> 3);
            var third = pool.applyAsync(() -> await(first));
            try (var completed = ProcessFuture.<Future<Integer>>asCompleted(List.of(third, plain, quick))) {
                var iterator = completed.iterator();
                assertThat(iterator.next()).isSameAs(quick);
                plain.run();
                assertThat(iterator.next()).isSameAs(plain);
                first.put(5);
                assertThat(iterator.next().get()).isEqualTo(5);
                assertThat(iterator.hasNext()).isFalse();
            }
        }
    }

    @Test
    void waitingForOnesOwnPoolFailsAtOnceAndSaysWhy() throws Exception {
        onlyIn(Kind.PROCESSES, Kind.THREADS);
        try (var pool = open(1)) {
            assertThatThrownBy(() -> pool.<Integer>apply(() -> pool.<Integer>apply(() -> square(2))))
                    .isInstanceOfAny(IllegalStateException.class, IllegalArgumentException.class)
                    .hasMessageContaining("pool inside");
            assertThat(pool.<Integer>apply(() -> square(3))).isEqualTo(9);
        }
    }
}
