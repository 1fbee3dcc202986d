package io.github.procession.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.github.procession.ChildProcess;
import io.github.procession.SharedInt;
import io.github.procession.function.SerializableBiConsumer;
import io.github.procession.function.SerializableConsumer;
import io.github.procession.function.SerializableTriConsumer;
import java.io.Serializable;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Arguments by position and by parameter name.
class KwargsTest {
    static void three(int n, String label, double factor) {
        System.out.println("three " + n + " " + label + " " + factor);
    }

    static void two(int n, String label) {
        System.out.println("two " + n + " " + label);
    }

    static void wide(long n, double factor) {
        System.out.println("wide " + n + " " + factor);
    }

    static void boxed(Long n, CharSequence text) {
        System.out.println("boxed " + n + " " + text);
    }

    static void sum(String label, int... numbers) {
        System.out.println("sum " + label + " " + Arrays.stream(numbers).sum() + " of " + numbers.length);
    }

    static void count(SharedInt number, int by) {
        number.addAndGet(by);
    }

    static void nothing() {
        System.out.println("nothing");
    }

    /// Its methods are targets with a receiver, its constructor is one too.
    static class Job implements Serializable {
        private static final long serialVersionUID = 1L;
        private final String title;

        Job(String title) {
            this.title = title;
            System.out.println("job " + title);
        }

        void run(int times) {
            System.out.println("run " + title + " " + times);
        }
    }

    interface Named {
        String name();

        default void greet(String greeting) {
            System.out.println(greeting + " " + name());
        }
    }

    record Person(String name) implements Named, Serializable {}

    record Greeter(String greeting) implements SerializableBiConsumer<String, Integer> {
        @Override
        public void accept(String whom, Integer times) {
            System.out.println((greeting + " ").repeat(times) + whom);
        }
    }

    private static List<String> run(ChildProcess process) throws InterruptedException {
        try (var captured = new Captured()) {
            process.start().join();
            assertThat(process.exitStatus().orElseThrow().success())
                    .as("%s", captured.err())
                    .isTrue();
            return captured.out();
        }
    }

    private static void fails(ChildProcess process, String message) {
        assertThatIllegalArgumentException().isThrownBy(process::start).withMessage(message);
        assertThat(process.isAlive()).isFalse();
    }

    // ---- what fits -------------------------------------------------------------------------------------------------

    @Test
    void positionsComeFirstThenNames() throws Exception {
        var process = ChildProcess.target(KwargsTest::three).args(1).kwargs(Map.of("factor", 2.5, "label", "x"));
        assertThat(run(process)).containsExactly("three 1 x 2.5");
    }

    @Test
    void namesAloneArePossibleAndTheLastCallCounts() throws Exception {
        var process = ChildProcess.target(KwargsTest::two)
                .args(1, 2, 3)
                .kwargs(Map.of("x", 1))
                .args()
                .kwargs(Map.of("label", "y", "n", 7));
        assertThat(run(process)).containsExactly("two 7 y");
    }

    @Test
    void aPrimitiveTakesWhatACallWouldWiden() throws Exception {
        var process = ChildProcess.target(KwargsTest::wide).args(7).kwargs(Map.of("factor", 3));
        assertThat(run(process)).containsExactly("wide 7 3.0");
    }

    @Test
    void nullIsAnArgument() throws Exception {
        var names = new HashMap<String, Object>();
        names.put("text", null);
        var process =
                ChildProcess.target(KwargsTest::boxed).args((Object[]) null).kwargs(names);
        assertThat(run(process)).containsExactly("boxed null null");
    }

    @Test
    void whatIsLeftGoesIntoAVariableArity() throws Exception {
        SerializableBiConsumer<String, int[]> sum = KwargsTest::sum;
        assertThat(run(ChildProcess.target(sum).args("a", 1, (byte) 2, 3))).containsExactly("sum a 6 of 3");
        assertThat(run(ChildProcess.target(sum).args("b").kwargs(Map.of("numbers", new int[] {4, 5}))))
                .containsExactly("sum b 9 of 2");
        assertThat(run(ChildProcess.target(sum).kwargs(Map.of("label", "c")))).containsExactly("sum c 0 of 0");
    }

    @Test
    void aLambdaHasTheParametersAfterWhatItCaptures() throws Exception {
        String captured = "captured";
        var other = new Person("Ada");
        SerializableBiConsumer<Integer, String> lambda =
                (times, mark) -> System.out.println(captured + " " + other.name() + mark.repeat(times));
        assertThat(run(ChildProcess.target(lambda).kwargs(Map.of("mark", "!", "times", 3))))
                .containsExactly("captured Ada!!!");
    }

    @Test
    void aReceiverIsBoundOrTheFirstParameter() throws Exception {
        var job = new Job("j");
        assertThat(run(ChildProcess.target(job::run).kwargs(Map.of("times", 2))))
                .containsExactly("run j 2");
        assertThat(run(ChildProcess.target(Job::run).args(job).kwargs(Map.of("times", 3))))
                .containsExactly("run j 3");
        assertThat(run(ChildProcess.target(Job::run).kwargs(Map.of("times", 4, "this", job))))
                .containsExactly("run j 4");
    }

    @Test
    void anInheritedMethodIsFoundWhereItIsDeclared() throws Exception {
        SerializableBiConsumer<Person, String> greet = Person::greet;
        assertThat(run(ChildProcess.target(greet).args(new Person("Ada")).kwargs(Map.of("greeting", "hello"))))
                .containsExactly("hello Ada");
    }

    @Test
    void aConstructorIsATarget() throws Exception {
        SerializableConsumer<String> constructor = Job::new;
        assertThat(run(ChildProcess.target(constructor).kwargs(Map.of("title", "t"))))
                .containsExactly("job t");
    }

    @Test
    void anObjectOfItsOwnClassIsATarget() throws Exception {
        assertThat(run(ChildProcess.target(new Greeter("hi")).args("Bob").kwargs(Map.of("times", 2))))
                .containsExactly("hi hi Bob");
    }

    @Test
    void aHandleIsAnArgumentLikeOthers() throws Exception {
        try (var number = SharedInt.of(5)) {
            run(ChildProcess.target(KwargsTest::count).kwargs(Map.of("number", number, "by", 10)));
            assertThat(number.get()).isEqualTo(15);
        }
    }

    @Test
    void aTargetWithoutParametersIsATargetToo() throws Exception {
        assertThat(run(ChildProcess.target(KwargsTest::nothing))).containsExactly("nothing");
    }

    @Test
    void namesCanBeGiven() throws Exception {
        var process = ChildProcess.target(KwargsTest::two)
                .parameters("count", "text")
                .kwargs(Map.of("text", "t", "count", 1));
        assertThat(run(process)).containsExactly("two 1 t");
    }

    @Test
    void aSourceFileNamesItsParametersItself(@TempDir Path folder) throws Exception {
        var file = Files.writeString(folder.resolve("Script.java"), """
                import io.github.procession.*;
                import java.util.Map;
                class Script {
                    static void work(int n, String label) { System.out.println("work " + n + " " + label); }
                    public static void main(String[] args) throws Exception {
                        try {
                            ChildProcess.target(Script::work).kwargs(Map.of("n", 1, "label", "x")).start();
                        } catch (IllegalArgumentException e) {
                            System.out.println(e.getMessage());
                        }
                        ChildProcess.target(Script::work).parameters("n", "label").args(1).kwargs(Map.of("label", "x")).start().join();
                        ChildProcess.target(Script::work).args(2, "y").start().join();
                    }
                }
                """);
        var command = List.of(
                RootJvm.java(), "--enable-native-access=ALL-UNNAMED", "-cp", RootJvm.classPath(), file.toString());
        try (var root = RootJvm.of(command)) {
            assertThat(root.exitAndOutput()).as("%s", root.err()).isZero();
            assertThat(root.out())
                    .containsExactly(
                            "kwargs: the names of the parameters of Script::work(int, String) are not known, so that label, n cannot be found. Its class was compiled without them: compile it with -parameters or -g, or name all 2 in order with parameters(\"...\")",
                            "work 1 x",
                            "work 2 y");
        }
    }

    // ---- what does not ---------------------------------------------------------------------------------------------

    @Test
    void anUnknownNameIsToldWithThoseThatThereAre() {
        fails(ChildProcess.target(KwargsTest::two).args(1).kwargs(Map.of("lable", "x")), """
                Cannot call KwargsTest::two(int n, String label):
                  it has no parameter lable, which kwargs gives
                  there is no argument for label""");
    }

    @Test
    void aMissingArgumentIsNamed() {
        fails(
                ChildProcess.target(KwargsTest::two).args(1),
                "Cannot call KwargsTest::two(int n, String label): there is no argument for label");
    }

    @Test
    void anArgumentGivenTwiceIsTold() {
        fails(
                ChildProcess.target(KwargsTest::two).args(1, "x").kwargs(Map.of("n", 2)),
                "Cannot call KwargsTest::two(int n, String label): n is given twice: by args, as number 1, and by kwargs");
    }

    @Test
    void tooManyArgumentsAreCounted() {
        fails(
                ChildProcess.target(KwargsTest::two).args(1, "x", 3),
                "Cannot call KwargsTest::two(int n, String label): it takes 2 arguments, and args gives 3");
        fails(
                ChildProcess.target(KwargsTest::nothing).args(1),
                "Cannot call KwargsTest::nothing(): it takes 0 arguments, and args gives 1");
    }

    @Test
    void aWrongTypeIsToldWithTheRightOne() {
        fails(ChildProcess.target(KwargsTest::two).args("1", 2L), """
                Cannot call KwargsTest::two(int n, String label):
                  n takes int, and its argument is of type String
                  label takes String, and its argument is of type Long""");
    }

    @Test
    void nothingIsNarrowedOrBoxedDifferently() {
        fails(ChildProcess.target(KwargsTest::wide).args(1.5f, "x"), """
                Cannot call KwargsTest::wide(long n, double factor):
                  n takes long, and its argument is of type Float
                  factor takes double, and its argument is of type String""");
        fails(
                ChildProcess.target(KwargsTest::boxed).args(1, "x"),
                "Cannot call KwargsTest::boxed(Long n, CharSequence text): n takes Long, and its argument is of type Integer");
    }

    @Test
    void aPrimitiveIsNotNull() {
        fails(
                ChildProcess.target(KwargsTest::two).args(null, null),
                "Cannot call KwargsTest::two(int n, String label): n is a primitive int, and its argument is null");
    }

    @Test
    void anElementOfAVariableArityHasATypeToo() {
        SerializableBiConsumer<String, int[]> sum = KwargsTest::sum;
        fails(
                ChildProcess.target(sum).args("a", 1, "b", 3),
                "Cannot call KwargsTest::sum(String label, int... numbers): numbers takes int, and its argument is of type String");
    }

    @Test
    void aLambdaIsNamedByItsPlace() {
        SerializableTriConsumer<Integer, String, Job> lambda = (number, text, job) -> {};
        fails(
                ChildProcess.target(lambda).args(1, "x"),
                "Cannot call the lambda in KwargsTest.aLambdaIsNamedByItsPlace(Integer number, String text, io.github.procession.conformance.KwargsTest.Job job): there is no argument for job");
    }

    @Test
    void namesGivenMustBeAsManyAndDifferent() {
        fails(
                ChildProcess.target(KwargsTest::two).parameters("n").args(1, "x"),
                "parameters(\"n\") names 1 parameter, and KwargsTest::two(int n, String label) has 2");
        fails(
                ChildProcess.target(KwargsTest::two).parameters("n", "n").args(1, "x"),
                "parameters(\"n\", \"n\") gives one name to two parameters");
    }

    @Test
    void argumentsOfAProcessThatHasThemAreRefused() {
        var process = ChildProcess.of(KwargsTest::two, 1, "x");
        assertThatIllegalStateException()
                .isThrownBy(() -> process.args(1))
                .withMessage(
                        "args(...) is for a process made by ChildProcess.target(...); this one was made by ChildProcess.of(...), with its arguments");
        assertThatIllegalStateException().isThrownBy(() -> process.kwargs(Map.of()));
        assertThatIllegalStateException().isThrownBy(() -> process.parameters("n"));
    }

    @Test
    void afterTheStartItIsTooLate() throws Exception {
        var process = ChildProcess.target(KwargsTest::nothing);
        run(process);
        assertThatIllegalStateException()
                .isThrownBy(() -> process.args(1))
                .withMessage("Too late for args: the process has been started");
    }

    @Test
    void aRefusedStartCanBeRepaired() throws Exception {
        var process = ChildProcess.target(KwargsTest::two).args(1);
        assertThatIllegalArgumentException().isThrownBy(process::start);
        assertThat(run(process.kwargs(Map.of("label", "x")))).containsExactly("two 1 x");
    }

    // ---- what compilers leave --------------------------------------------------------------------------------------

    @Test
    void namesComeFromEitherTable(@TempDir Path folder) throws Exception {
        String source = """
                import io.github.procession.function.SerializableBiConsumer;
                import io.github.procession.function.SerializableRunnable;
                public class Plugin {
                    static void work(long n, String label) { System.out.println("plugin " + n + label); }
                    public static SerializableBiConsumer<Long, String> method() { return Plugin::work; }
                    public static SerializableBiConsumer<Long, String> lambda() {
                        String captured = "c";
                        return (number, text) -> System.out.println("lambda " + captured + number + text);
                    }
                }
                """;
        try (var debug = plugin(folder.resolve("debug"), source, "-g");
                var parameters = plugin(folder.resolve("parameters"), source, "-g:none", "-parameters");
                var bare = plugin(folder.resolve("bare"), source, "-g:none")) {
            for (var loader : List.of(debug, parameters)) {
                assertThat(run(ChildProcess.target(function(loader, "method")).kwargs(Map.of("n", 1, "label", "x"))))
                        .containsExactly("plugin 1x");
            }
            assertThat(run(ChildProcess.target(function(debug, "lambda")).kwargs(Map.of("number", 1L, "text", "x"))))
                    .containsExactly("lambda c1x");
            fails(
                    ChildProcess.target(function(parameters, "lambda")).args(1L).kwargs(Map.of("text", "x")),
                    "kwargs: the names of the parameters of the lambda in Plugin.lambda(Long, String) are not known, so that text cannot be found. Its class was compiled without them: compile it with -g, or name all 2 in order with parameters(\"...\")");
            fails(
                    ChildProcess.target(function(bare, "method")).kwargs(Map.of("label", "x", "n", 1)),
                    "kwargs: the names of the parameters of Plugin::work(long, String) are not known, so that label, n cannot be found. Its class was compiled without them: compile it with -parameters or -g, or name all 2 in order with parameters(\"...\")");
            fails(ChildProcess.target(function(bare, "method")).args("1"), """
                    Cannot call Plugin::work(long, String):
                      parameter 1 takes long, and its argument is of type String
                      there is no argument for parameter 2""");
            assertThat(run(ChildProcess.target(function(bare, "method")).args(1, "x")))
                    .containsExactly("plugin 1x");
        }
    }

    private static URLClassLoader plugin(Path folder, String source, String... flags) throws Exception {
        var file = Files.writeString(Files.createDirectories(folder).resolve("Plugin.java"), source);
        var arguments = new java.util.ArrayList<>(
                List.of("-proc:none", "-d", folder.toString(), "-cp", RootJvm.classPath(), file.toString()));
        arguments.addAll(List.of(flags));
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)))
                .isZero();
        return new URLClassLoader(new URL[] {folder.toUri().toURL()}, KwargsTest.class.getClassLoader());
    }

    @SuppressWarnings("unchecked")
    private static SerializableBiConsumer<Object, Object> function(ClassLoader loader, String method) throws Exception {
        return (SerializableBiConsumer<Object, Object>)
                loader.loadClass("Plugin").getMethod(method).invoke(null);
    }
}
