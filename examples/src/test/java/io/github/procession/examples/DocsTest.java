package io.github.procession.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The pages show what runs. Each block of Java in the README and the guide comes after a comment that names a region of an
/// example, `<!-- sample: guide/Primes.java pool -->`, and is that region: what stands in the file between `// tag::pool[]`
/// and `// end::pool[]`, without its indentation.
class DocsTest {
    private static final Path ROOT = Path.of("..");
    private static final Path EXAMPLES = Path.of("src/main/java/io/github/procession/examples");

    private static final Pattern SAMPLE = Pattern.compile("<!-- sample: (\\S+) (\\S+) -->");
    private static final Pattern TAG = Pattern.compile("\\s*// (tag|end)::(\\w+)\\[\\]");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]*)(?:#([^)]*))?\\)");

    private record Sample(String file, String region) {}

    private record Block(String place, String comment, String text) {}

    static List<Path> pages() throws IOException {
        try (var guide = Files.list(ROOT.resolve("docs/guide"))) {
            return Stream.concat(Stream.of(ROOT.resolve("README.md")), guide.sorted())
                    .filter(page -> page.toString().endsWith(".md"))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyBlockOfJavaIsARegionOfAnExample(Path page) throws IOException {
        for (var block : blocks(page)) {
            var sample = SAMPLE.matcher(block.comment);
            assertThat(sample.matches())
                    .as("%s: a line <!-- sample: FILE REGION --> right before the block", block.place)
                    .isTrue();
            assertThat(block.text)
                    .as("%s: region %s of %s", block.place, sample.group(2), sample.group(1))
                    .isEqualTo(region(new Sample(sample.group(1), sample.group(2))));
        }
    }

    @Test
    void everyRegionIsShownSomewhere() throws IOException {
        var shown = new HashSet<Sample>();
        for (var page : pages()) {
            SAMPLE.matcher(Files.readString(page))
                    .results()
                    .forEach(sample -> shown.add(new Sample(sample.group(1), sample.group(2))));
        }
        assertThat(regions()).isEqualTo(shown);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyLinkLeadsSomewhere(Path page) throws IOException {
        for (var link : LINK.matcher(Files.readString(page)).results().toList()) {
            var target = link.group(1).isEmpty() ? page : page.resolveSibling(link.group(1));
            assertThat(target).as("%s: %s", page, link.group()).exists();
            if (link.group(2) != null) {
                assertThat(headings(target)).as("%s: %s", page, link.group()).contains(link.group(2));
            }
        }
    }

    private static List<Block> blocks(Path page) throws IOException {
        var blocks = new ArrayList<Block>();
        var lines = Files.readAllLines(page);
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().startsWith("```java")) {
                int begin = i + 1;
                int end = begin;
                while (!lines.get(end).strip().equals("```")) {
                    end++;
                }
                var text = String.join("\n", lines.subList(begin, end));
                blocks.add(new Block(page + ":" + begin, i == 0 ? "" : lines.get(i - 1), text));
                i = end;
            }
        }
        return blocks;
    }

    private static String region(Sample sample) throws IOException {
        var lines = new ArrayList<String>();
        boolean inside = false;
        for (var line : Files.readAllLines(EXAMPLES.resolve(sample.file))) {
            var tag = TAG.matcher(line);
            if (tag.matches() && tag.group(2).equals(sample.region)) {
                inside = tag.group(1).equals("tag");
            } else if (inside && !tag.matches()) {
                lines.add(line);
            }
        }
        assertThat(lines).as("region %s of %s", sample.region, sample.file).isNotEmpty();
        return String.join("\n", lines).stripIndent().stripTrailing();
    }

    private static Set<Sample> regions() throws IOException {
        var regions = new HashSet<Sample>();
        try (var files = Files.walk(EXAMPLES)) {
            for (var file :
                    files.filter(file -> file.toString().endsWith(".java")).toList()) {
                for (var line : Files.readAllLines(file)) {
                    var tag = TAG.matcher(line);
                    if (tag.matches()) {
                        regions.add(new Sample(EXAMPLES.relativize(file).toString(), tag.group(2)));
                    }
                }
            }
        }
        return regions;
    }

    /// The headings of a page as links name them.
    private static List<String> headings(Path page) throws IOException {
        try (var lines = Files.lines(page)) {
            return lines.filter(line -> line.startsWith("#"))
                    .map(line -> line.replaceFirst("^#+ +", "")
                            .toLowerCase(Locale.ROOT)
                            .replaceAll("[^a-z0-9 -]", "")
                            .replace(' ', '-'))
                    .toList();
        }
    }
}
