package io.github.procession.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.Pool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Every program of this module prints what its golden file says, and nothing else.
///
/// `golden/NAME.txt` is its standard output, `golden/NAME.errors.txt` its standard error: without one, there is none.
/// What differs from run to run is normalised: ids, times, and the order between processes where nothing determines it.
class GoldenTest {
    private static final Path PROGRAMS = Path.of("src", "main", "java");
    private static final Path GOLDEN = Path.of("src", "test", "resources", "golden");

    private static final Map<String, UnaryOperator<List<String>>> ORDERS = Map.of(
            "Example1", GoldenTest::oneProcessAfterTheOther,
            "Example2", lines -> sorted(lines, line -> line.startsWith("Square of ")),
            "Crashing", GoldenTest::withoutThePageOfTheJvm);

    private static final Pattern PROCESS_ID = Pattern.compile("Process ID: (\\d+)");

    @TempDir
    Path folder;

    static List<Path> programs() throws IOException {
        try (var files = Files.walk(PROGRAMS)) {
            return files.filter(GoldenTest::hasMain)
                    .filter(file -> !file.getParent().endsWith("jobs")) // what they print is timed; JobsTest runs them
                    .sorted()
                    .toList();
        }
    }

    private static boolean hasMain(Path file) {
        try {
            return file.toString().endsWith(".java") && Files.readString(file).contains("public static void main(");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("programs")
    void printsWhatItShould(Path program) throws Exception {
        var name = PROGRAMS.relativize(program).toString().replace(".java", "").replace('/', '.');
        assertGolden(program, FreshJvm.in(folder, Pool.class, Example1.class).run(name));
    }

    /// Then its classes are in the memory of the parent's compiler only, and children get them from there.
    @ParameterizedTest
    @ValueSource(strings = {"Example1", "Example2", "Example3", "Example4"})
    void printsTheSameWhenRunAsASourceFile(String name) throws Exception {
        var program = PROGRAMS.resolve("io/github/procession/examples").resolve(name + ".java");
        var result =
                FreshJvm.in(folder, Pool.class).run(program.toAbsolutePath().toString());
        assertGolden(program, result);
    }

    @Test
    void everyGoldenFileBelongsToAProgram() throws IOException {
        var names = programs().stream().map(GoldenTest::name).toList();
        try (var files = Files.list(GOLDEN)) {
            assertThat(files)
                    .allSatisfy(file -> assertThat(names)
                            .contains(file.getFileName().toString().replaceFirst("(\\.errors)?\\.txt$", "")));
        }
    }

    private void assertGolden(Path program, FreshJvm.Result result) throws IOException {
        var order = ORDERS.getOrDefault(name(program), lines -> lines);
        assertThat(normalised(withoutFrames(result.errors()))).isEqualTo(golden(name(program) + ".errors.txt"));
        assertThat(normalised(order.apply(result.output()))).isEqualTo(golden(name(program) + ".txt"));
        assertThat(result.exitCode()).isZero();
    }

    private static String name(Path program) {
        return program.getFileName().toString().replace(".java", "");
    }

    private static List<String> golden(String name) throws IOException {
        var file = GOLDEN.resolve(name);
        return Files.exists(file) ? Files.readAllLines(file) : List.of();
    }

    // ---- what differs from run to run ------------------------------------------------------------------------------

    private List<String> normalised(List<String> lines) {
        var ids = new LinkedHashMap<String, String>();
        return lines.stream()
                .filter(line ->
                        !line.startsWith("  memory:   ")) // known only of a worker that was there to be looked at
                .map(line -> PROCESS_ID
                        .matcher(line)
                        .replaceAll(id ->
                                "Process ID: " + ids.computeIfAbsent(id.group(1), any -> "" + (ids.size() + 1))))
                .map(line -> line.replaceAll("(pid ?|Worker-|it had )\\d+", "$1N")
                        .replaceAll("\\d+\\.\\d+ s\\b", "T s")
                        .replaceAll("\\$[0-9a-f]+\\$", "\\$N\\$")
                        .replaceAll("pc=0x[0-9a-f]+, pid=\\d+, tid=\\d+", "pc=N, pid=N, tid=N")
                        .replaceAll("^    (JRE version|Java VM): .*", "    $1: V")
                        .replaceAll("^    [vVjJC] +\\S.*", "    FRAME")
                        .replace(folder.toString(), "TMP"))
                .toList();
    }

    /// The lines of a process stay in their order, and those that name none where they were: after all before them.
    private static List<String> oneProcessAfterTheOther(List<String> lines) {
        var ordered = new ArrayList<String>();
        var byProcess = new LinkedHashMap<String, List<String>>();
        for (var line : lines) {
            Matcher id = PROCESS_ID.matcher(line);
            if (id.find()) {
                byProcess.computeIfAbsent(id.group(1), any -> new ArrayList<>()).add(line);
            } else {
                byProcess.values().forEach(ordered::addAll);
                byProcess.clear();
                ordered.add(line);
            }
        }
        byProcess.values().forEach(ordered::addAll);
        return ordered;
    }

    /// The first lines sorted, as long as they are of a kind; whatever comes after them stays.
    private static List<String> sorted(List<String> lines, Predicate<String> kind) {
        return Stream.concat(
                        lines.stream().takeWhile(kind).sorted(), lines.stream().dropWhile(kind))
                .toList();
    }

    private static List<String> withoutFrames(List<String> lines) {
        return lines.stream().filter(line -> !line.startsWith("\tat ")).toList();
    }

    /// A JVM that crashes says so on standard output, in lines that begin with `#`, and a warning may be among them.
    private static List<String> withoutThePageOfTheJvm(List<String> lines) {
        return lines.stream()
                .filter(line -> !line.startsWith("#") && !line.contains("[warning]"))
                .toList();
    }
}
