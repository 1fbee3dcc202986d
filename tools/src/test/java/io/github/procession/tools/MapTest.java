package io.github.procession.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class MapTest {
    private static final String FUNCTIONS = Functions.class.getName();

    @TempDir
    Path folder;

    // ---- results ---------------------------------------------------------------------------------------------------

    @Test
    void resultsComeInTheOrderOfTheInputsAndNothingElseIsPrinted() throws Exception {
        var inputs = new ArrayList<>(List.of("slow", "", "two words", "ä", "@file"));
        IntStream.range(0, 40).mapToObj(i -> "n" + i).forEach(inputs::add);
        var result = map("echo", inputs, "--jobs", "3", "--timeout", "1m");
        assertThat(result.errors()).isEmpty();
        assertThat(result.output())
                .isEqualTo(inputs.stream().map(input -> "<" + input + ">").toList());
        assertThat(result.exitCode()).isZero();
    }

    @Test
    void inputsComeFromStandardInputWhereThereIsAHyphen() throws Exception {
        var lines = IntStream.range(0, 500).mapToObj(i -> "line " + i).collect(Collectors.joining("\n"));
        var expected = Stream.of(
                        Stream.of("<a>", "<ü>", "<>"),
                        IntStream.range(0, 500).mapToObj(i -> "<line " + i + ">"),
                        Stream.of("<b>"))
                .flatMap(all -> all)
                .toList();
        var result = Tool.in(folder, "map", FUNCTIONS + "::echo", "a", "-", "b")
                .run("ü\r\n\n" + lines, Map.of("CLASSPATH", Tool.origin(Functions.class)));
        assertThat(result.errors()).isEmpty();
        assertThat(result.output()).isEqualTo(expected);
    }

    @Test
    void inputsWithoutEndAreReadOnlyAheadAndAReaderWhoHasEnoughEndsItQuietly() throws Exception {
        var tool = Tool.in(folder, "map", "java.lang.Integer::parseInt");
        var result = tool.runIn("yes 7 | (TOOL; echo $? >code.txt) | head -n 3", Map.of());
        assertThat(result.output()).containsExactly("7", "7", "7");
        assertThat(result.errors()).isEmpty();
        assertThat(folder.resolve("code.txt")).hasContent("141");
    }

    @Test
    void aLineThatIsNoTextStopsItAfterTheLinesBefore() throws Exception {
        var tool = Tool.in(folder, "map", "java.lang.Integer::parseInt");
        var result = tool.runIn("printf '1\\n2\\n\\377\\n4\\n' | TOOL", Map.of());
        assertThat(result.output()).containsExactly("1", "2");
        assertThat(result.errors())
                .containsExactly(
                        "procession map: line 3 of standard input is not text in UTF-8; if it is in UTF-8, set LC_ALL=C.UTF-8");
        assertThat(result.exitCode()).isEqualTo(1);
    }

    @Test
    void aVoidMethodHasNoResultsAndWhatItPrintsIsPassedOn() throws Exception {
        var result = map("print", List.of("a", "b"));
        assertThat(result.errors()).isEmpty();
        assertThat(result.output()).containsExactlyInAnyOrder("printed a", "printed b");
    }

    @Test
    void aResultIsOneText() {
        assertThat(MethodReference.text(null)).isEqualTo("null");
        assertThat(MethodReference.text(12)).isEqualTo("12");
        assertThat(MethodReference.text(new int[] {1, 2})).isEqualTo("[1, 2]");
        assertThat(MethodReference.text(new Object[] {"a", new char[] {'b'}})).isEqualTo("[a, [b]]");
    }

    @Test
    void theHeapOfTheWorkersIsAsWished() throws Exception {
        var result = map("heap", List.of("1048576"), "--max-heap", "48m");
        assertThat(result.errors()).isEmpty();
        assertThat(result.output()).singleElement().asString().matches("4[5-8]");
    }

    // ---- failures --------------------------------------------------------------------------------------------------

    @Test
    void anExceptionFailsItsInputAloneAndIsShownWithItsCauseDownToTheMethod() throws Exception {
        var result = map("fail", List.of("a", "bad 1", "b", "bad 2"));
        assertThat(result.output()).containsExactly("a", "b");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.errors())
                .filteredOn(line -> !line.startsWith("\tat "))
                .containsExactly(
                        "procession map: bad 1: BrokenInput: bad 1",
                        "Caused by: java.lang.IllegalStateException: the reason",
                        "\t... 1 more",
                        "procession map: bad 2: BrokenInput: bad 2",
                        "Caused by: java.lang.IllegalStateException: the reason",
                        "\t... 1 more",
                        "procession map: 2 of 4 inputs failed");
        assertThat(result.errors())
                .filteredOn(line -> line.startsWith("\tat "))
                .hasSize(2)
                .allMatch(line -> line.contains(FUNCTIONS + ".fail("));
    }

    @Test
    void whatTakesTooLongFailsAloneWhetherOrNotItHeedsAnInterrupt() throws Exception {
        var result = map("stick", List.of("a", "spin", "sleep", "b", "spin", "c"), "--timeout", "4s", "--jobs", "2");
        assertThat(result.output()).containsExactly("a", "b", "c");
        assertThat(result.errors())
                .hasSize(4)
                .startsWith(
                        "procession map: spin: it ran longer than 4 s, the limit of --timeout; it was interrupted, and what does not heed that is killed with its worker")
                .endsWith("procession map: 3 of 6 inputs failed");
        assertThat(result.exitCode()).isEqualTo(1);
    }

    @Test
    void anInputWhoseWorkerDiesFailsAloneWithTheWholeMessageWhenItsRetriesAreUsedUp() throws Exception {
        var result = map("halt", List.of("a", "halt", "b"), "--jobs", "1", "--retries", "1");
        assertThat(result.output()).containsExactly("a", "b");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.errors())
                .anyMatch(line ->
                        line.matches("procession map: halt: Worker-\\d+ \\(pid \\d+\\) exited with code 7 while .*"))
                .anyMatch(line -> line.startsWith("  likely:   "))
                .anyMatch(line -> line.startsWith("  to try:   "))
                .contains("    last words", "  tried:    2 times", "procession map: 1 of 3 inputs failed");
    }

    @Test
    void aCrashOfNativeCodeFailsItsInputAlone() throws Exception {
        var result = map("crash", List.of("a", "crash", "b"));
        assertThat(result.output()).containsExactly("a", "b");
        assertThat(result.errors())
                .anyMatch(line -> line.matches("procession map: crash: .* was ended by SIG.*"))
                .anyMatch(line -> line.startsWith("  report:   " + folder))
                .anyMatch(line -> line.startsWith("# A fatal error has been detected"));
        assertThat(result.exitCode()).isEqualTo(1);
    }

    @Test
    void onlyThePageOfACrashIsKeptFromStandardOutput() {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var filter = new PrintStream(new WithoutCrashPages(new PrintStream(out), new PrintStream(err)));
        filter.print(
                "# a heading\n#\n# text\n#\n#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n#");
        filter.flush();
        filter.print(" more\nno end");
        filter.flush();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("# a heading\n#\n# text\n#\nno end");
        filter.print(" yet\n#\n");
        filter.close();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("# a heading\n#\n# text\n#\nno end yet\n#\n");
        assertThat(err.toString(StandardCharsets.UTF_8))
                .isEqualTo("#\n# A fatal error has been detected by the Java Runtime Environment:\n#\n# more\n");
    }

    @Test
    void anInputMaySucceedWhenItIsTriedAgain() throws Exception {
        var result = map("haltTwice", List.of(folder.resolve("count").toString()), "--retries", "2");
        assertThat(result.output()).containsExactly("3");
        assertThat(result.errors()).isEmpty();
        assertThat(result.exitCode()).isZero();
    }

    @Test
    void workersThatCannotStartEndItWithOneComplaint() throws Exception {
        var result = map("echo", List.of("a", "b", "c"), "--max-heap", "900000g");
        assertThat(result.output()).isEmpty();
        assertThat(result.errors())
                .filteredOn(line -> line.startsWith("procession map: "))
                .singleElement()
                .asString()
                .startsWith("procession map: The pool can have no workers: ");
        assertThat(result.exitCode()).isEqualTo(1);
    }

    // ---- wrong use -------------------------------------------------------------------------------------------------

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            map                                      | Missing required parameter: 'METHOD'
            map java.lang.Integer::parseInt -j 0 1   | --jobs 0: it must be between 1 and 2048
            map java.lang.Integer::parseInt 1 --retries -1    | --retries -1: it must be at least 0
            map java.lang.Integer::parseInt 1 --max-heap big  | --max-heap big: it must be a size as in 512m or 2g, 2m at least
            map java.lang.Integer::parseInt 1 --timeout soon  | Invalid value for option '--timeout': 'soon' is not a time such as 500ms, 10s, 1.5m or 2h
            map java.lang.Integer::parseInt 1 --timeout 0     | Invalid value for option '--timeout': '0' is no time at all; leave the option out for no limit
            map java.lang.Integer.parseInt 1         | java.lang.Integer.parseInt: a method is written as some.Class::method; did you mean java.lang.Integer::parseInt?
            """)
    void aWrongCommandLineIsExplainedAndExitsWith2(String arguments, String message) throws Exception {
        var result = Tool.in(folder, arguments.split(" +")).run();
        assertThat(result.errors())
                .containsExactly("procession map: " + message, "What it takes: procession map --help");
        assertThat(result.output()).isEmpty();
        assertThat(result.exitCode()).isEqualTo(2);
    }

    @Test
    void aPathOfClassesThatIsNotThereIsNamed() throws Exception {
        var result = Tool.in(folder, "map", "-cp", "nowhere", "A::b").run();
        assertThat(result.errors())
                .contains("procession map: --class-path " + folder.resolve("nowhere")
                        + ": there is no such file or directory");
        assertThat(result.exitCode()).isEqualTo(2);
    }

    @Test
    void aReferenceThatDoesNotFitIsRefusedWithWhatThereIs() throws Exception {
        refused("Functions::ad", "%s has no method ad\n  what it has of that kind: crash(String), ");
        refused(
                "Functions::add",
                "%s has no static method add of one String or Path:\n  add(int, int) takes 2 arguments");
        refused("Functions::twice", "%s has no static method twice of one String or Path:\n  twice(int) takes one int");
        refused("Functions::own", "%s has no static method own of one String or Path:\n  own(String) is not static");
        refused("functions::echo", "what there is: %s");
        refused("Fonctions::echo", "what there is: ");
        assertThatThrownBy(() -> find("other.Place::echo"))
                .hasMessageStartingWith("there is no class other.Place in the JDK nor on the class path, which is ")
                .hasMessageEndingWith("; say where your classes are with --class-path");
        assertThatThrownBy(() -> find("java.lang.Math::abs"))
                .hasMessageContaining("abs(double) takes one double")
                .hasMessageContaining("it has no static method of one String or Path; its methods are IEEEremainder(");
    }

    private static void refused(String reference, String message) {
        assertThatThrownBy(() -> find(Functions.class.getPackageName() + "." + reference))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message.formatted(FUNCTIONS));
    }

    @ParameterizedTest
    @CsvSource({
        "java.lang.Integer::parseInt, (Ljava/lang/String;)I",
        "java.nio.file.Files::size, (Ljava/nio/file/Path;)J",
        "java.nio.file.Path::of, '(Ljava/lang/String;[Ljava/lang/String;)Ljava/nio/file/Path;'",
        "java.lang.String::valueOf, (Ljava/lang/Object;)Ljava/lang/String;",
        "java.util.Map.Entry::comparingByKey, ''",
    })
    void methodsOfTheJdkFitAsForTheCompiler(String reference, String descriptor) throws Exception {
        if (descriptor.isEmpty()) { // the class is found by its name in source, the method takes nothing
            assertThatThrownBy(() -> find(reference))
                    .hasMessageStartingWith("java.util.Map$Entry has no static method");
        } else {
            assertThat(find(reference).descriptor()).isEqualTo(descriptor);
        }
    }

    private static MethodReference find(String reference) throws IOException {
        try (var classes = UserClasses.on(Tool.origin(Functions.class))) {
            return MethodReference.find(reference, classes);
        }
    }

    @Test
    void helpTeachesEachOption() {
        var commandLine = new CommandLine(new MapCommand());
        var help = commandLine.setUsageHelpWidth(100).getUsageMessage();
        assertThat(help).contains("METHOD", "INPUT", "Exit code", "Examples:");
        commandLine
                .getCommandSpec()
                .options()
                .forEach(option -> assertThat(help).contains(option.names()));
        assertThat(help.lines())
                .allSatisfy(
                        line -> assertThat(line).hasSizeLessThanOrEqualTo(100).matches("\\p{ASCII}*"));
    }

    // ---- at a terminal ---------------------------------------------------------------------------------------------

    @Test
    void atATerminalABarShowsHowFarItIs() throws Exception {
        assumeScript();
        var process = tool("echo", List.of("a", "b", "c")).startAtTerminal();
        var screen = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        assertThat(screen).contains("[..............................] 0/3").contains("\033[K<a>\r\n");
        assertThat(screen.substring(screen.lastIndexOf("\033[K"))).doesNotContain("/3");
    }

    @Test
    void ctrlCEndsItAndItsWorkersWithoutAWord() throws Exception {
        assumeScript();
        var process = tool("wait", List.of("a", "b"), "--jobs", "1").startAtTerminal();
        var screen = new StringBuilder();
        int next;
        while (screen.indexOf("waiting") < 0 && (next = process.getInputStream().read()) >= 0) {
            screen.append((char) next);
        }
        process.getOutputStream().write(3);
        process.getOutputStream().flush();
        screen.append(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        assertThat(process.waitFor()).isEqualTo(130);
        assertThat(screen.toString()).doesNotContain("procession map:", "Exception", "\tat ");
    }

    private static void assumeScript() {
        assumeTrue(
                Stream.of("/usr/bin/script", "/bin/script").anyMatch(file -> Files.isExecutable(Path.of(file))),
                "there is no script(1), of util-linux, to give a program a terminal");
    }

    // ---- help ------------------------------------------------------------------------------------------------------

    private Tool.Result map(String method, List<String> inputs, String... options)
            throws IOException, InterruptedException {
        return tool(method, inputs, options).run();
    }

    private Tool tool(String method, List<String> inputs, String... options) {
        var arguments = new ArrayList<>(List.of("map", "-cp", Tool.origin(Functions.class), FUNCTIONS + "::" + method));
        arguments.addAll(List.of(options));
        arguments.addAll(inputs);
        return Tool.in(folder, arguments.toArray(String[]::new));
    }
}
