package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.ChildProcess;
import io.github.procession.Output;
import io.github.procession.Pool;
import io.github.procession.SharedInt;
import io.github.procession.SharedQueue;
import io.github.procession.StartMethod;
import io.github.procession.function.SerializableRunnable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Children that begin in a JVM which had booted before.
class SparesTest {
    private static final List<String> IMPATIENT = List.of("-Dio.github.procession.spareIdle=300");

    /// Each is a program of its own, since a spare outlives what it was made for.
    enum Program {
        A_CHILD_FROM_A_SPARE_IS_LIKE_ANY_OTHER {
            @Override
            void run() throws Exception {
                join(child(() -> {}));
                long spare = awaitSpares(1).iterator().next();
                System.setProperty("said.late", "yes");
                try (var told = SharedQueue.<String>create(10);
                        var answer = SharedInt.of(41)) {
                    SerializableRunnable target = () -> {
                        var self = ChildProcess.current();
                        told.put(self.name());
                        told.put(System.getProperty("said.late"));
                        told.put(ChildProcess.parent().orElseThrow().pid() + "");
                        answer.incrementAndGet();
                        System.out.println("loud");
                        System.exit(7);
                    };
                    var child = child(target).name("reader").start();
                    assertThat(child.pid()).isEqualTo(spare);
                    child.join();
                    assertThat(child.exitStatus().orElseThrow().code()).isEqualTo(7);
                    assertThat(List.of(told.take(), told.take(), told.take()))
                            .containsExactly(
                                    "reader", "yes", ProcessHandle.current().pid() + "");
                    assertThat(answer.get()).isEqualTo(42);
                }
            }
        },
        NO_CODE_OF_THE_PROGRAM_RUNS_IN_ONE_THAT_WAITS {
            @Override
            void run() throws Exception {
                join(Home.child());
                for (int i = 0; i < 10; i++) {
                    // at whatever it is: booting, preparing itself, ready
                    Processes.await("a spare", () -> !spares().isEmpty());
                    var child = Home.child().name("told").start();
                    child.join();
                    assertThat(child.exitStatus().orElseThrow().success()).isTrue();
                }
            }
        },
        ONE_THAT_IS_KILLED_IS_NOT_MISSED {
            @Override
            void run() throws Exception {
                join(child(() -> {}));
                for (int i = 0; i < 10; i++) {
                    long spare = awaitSpares(1).iterator().next();
                    var handle = ProcessHandle.of(spare).orElseThrow();
                    handle.destroyForcibly();
                    handle.onExit().join();
                    join(child(() -> {}));
                }
            }
        },
        OTHER_OPTIONS_GET_ANOTHER {
            @Override
            void run() throws Exception {
                join(child(() -> {}));
                long spare = awaitSpares(1).iterator().next();
                var other = ChildProcess.of(() -> {})
                        .options(o -> o.startMethod(StartMethod.SPARE).maxHeap("48m"))
                        .start();
                assertThat(other.pid()).isNotEqualTo(spare);
                other.join();
                var same = child(() -> {}).start();
                assertThat(same.pid()).isEqualTo(spare);
                same.join();
            }
        },
        A_POOL_TAKES_THEM {
            @Override
            void run() throws Exception {
                sum();
                int expected = Math.min(2, Runtime.getRuntime().availableProcessors());
                var spares = awaitSpares(expected);
                assertThat(sum()).containsAnyElementsOf(spares);
            }

            private Set<Long> sum() throws InterruptedException {
                try (var pool = Pool.open(o -> o.workers(2).process(p -> p.startMethod(StartMethod.SPARE)))) {
                    var items = IntStream.range(0, 1000).boxed().toList();
                    assertThat(pool.map(items, n -> n * n))
                            .isEqualTo(items.stream().map(n -> n * n).toList());
                    return new HashSet<>(
                            pool.map(items, _ -> ProcessHandle.current().pid()));
                }
            }
        },
        A_CHILD_HAS_ITS_OWN {
            @Override
            void run() throws Exception {
                var child = ChildProcess.of(() -> {
                            join(child(() -> {}));
                            long spare = awaitSpares(1).iterator().next();
                            var grandchild = child(() -> {}).start();
                            grandchild.join();
                            System.exit(grandchild.pid() == spare ? 0 : 1);
                        })
                        .start();
                child.join();
                assertThat(child.exitStatus().orElseThrow().success()).isTrue();
            }
        },
        MANY_AT_ONCE_LEAVE_FEW {
            @Override
            void run() throws Exception {
                try (var sum = SharedInt.of(0)) {
                    for (int round = 0; round < 3; round++) {
                        var children = new ArrayList<ChildProcess>();
                        for (int i = 0; i < 8; i++) {
                            children.add(child(sum::incrementAndGet).start());
                        }
                        for (var child : children) {
                            child.join();
                        }
                    }
                    assertThat(sum.get()).isEqualTo(24);
                }
                assertThat(spares())
                        .hasSizeLessThanOrEqualTo(Runtime.getRuntime().availableProcessors());
            }
        };

        abstract void run() throws Exception;
    }

    /// Has a lambda, and knows in which process it was initialized.
    static final class Home {
        private static final String NAME = ChildProcess.current().name();

        static ChildProcess child() {
            return SparesTest.child(() -> System.exit(NAME.equals("spare") ? 1 : 0));
        }
    }

    static final class Root {
        public static void main(String[] arguments) throws Exception {
            Program.valueOf(arguments[0]).run();
            System.out.println("done");
        }
    }

    private static ChildProcess child(SerializableRunnable target) {
        return ChildProcess.of(target)
                .options(o -> o.startMethod(StartMethod.SPARE).output(Output.PREFIXED));
    }

    private static void join(ChildProcess child) throws InterruptedException {
        child.start().join();
        assertThat(child.exitStatus().orElseThrow().success()).isTrue();
    }

    private static Set<Long> spares() {
        var known = new HashSet<>(
                ChildProcess.active().stream().map(ChildProcess::pid).toList());
        var all = new HashSet<Long>();
        ProcessHandle.current()
                .children()
                .map(ProcessHandle::pid)
                .filter(pid -> !known.contains(pid) && !Processes.isGone(pid))
                .forEach(all::add);
        return all;
    }

    private static Set<Long> awaitSpares(int count) {
        Processes.await(count + " spares", () -> spares().size() == count);
        return spares();
    }

    @ParameterizedTest
    @EnumSource(Program.class)
    void works(Program program) throws Exception {
        try (var root = RootJvm.start(Root.class, program)) {
            assertThat(root.exitAndOutput()).describedAs("%s", root.err()).isZero();
            assertThat(root.out()).contains("done");
            if (program == Program.A_CHILD_FROM_A_SPARE_IS_LIKE_ANY_OTHER) {
                assertThat(root.out()).contains("[reader] loud");
            }
            assertThat(root.err()).isEmpty();
        }
    }

    static final class Waiting {
        public static void main(String[] arguments) throws Exception {
            join(child(() -> {}));
            System.out.println("spare " + awaitSpares(1).iterator().next());
            System.out.println("ready");
            if (arguments.length > 0) {
                Processes.await("spares to leave", () -> spares().isEmpty());
                System.out.println("left");
            }
            var _ = System.in.read();
        }
    }

    private static long spare(RootJvm root) throws InterruptedException {
        return Long.parseLong(root.await("spare (\\d+)").group(1));
    }

    @Test
    void oneThatNobodyTakesLeaves() throws Exception {
        try (var root = RootJvm.with(IMPATIENT).run(Waiting.class, "leave")) {
            root.await("left");
            assertThat(Processes.descriptors(root.pid())).noneMatch(target -> target.contains("procession-flags"));
        }
    }

    @Test
    void theyGoWithTheirParentHoweverItEnds() throws Exception {
        try (var root = RootJvm.start(Waiting.class)) {
            long spare = spare(root);
            root.kill();
            Processes.awaitGone("after SIGKILL of the root", List.of(spare));
        }
        try (var root = RootJvm.start(Waiting.class)) {
            long spare = spare(root);
            root.endInput();
            assertThat(root.exit()).isZero();
            Processes.awaitGone("after the root's end", List.of(spare));
        }
    }
}
