package io.github.procession;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The pages on formats show what the layout classes draw: every picture of bytes, with its magic and version.
class FormatsTest {
    private static final Path SOURCES = Path.of("src/main/java/io/github/procession");
    private static final Path PAGES = Path.of("../docs/formats");

    private static final Pattern DRAWN = Pattern.compile("(?ms)^/// ```text\n(.*?)^/// ```$");
    private static final Pattern SHOWN =
            Pattern.compile("(?ms)^## \\w+\n(.*?)<!-- drawn in (\\S+) -->\n```text\n(.*?)^```$");
    private static final Pattern MAGIC = Pattern.compile("\\bMAGIC = (0x[0-9A-F]+)L;");
    private static final Pattern VERSION = Pattern.compile("\\bint VERSION = (\\d+);");
    private static final Pattern WRITTEN =
            Pattern.compile("instanceof Message\\.(\\w+)(?: \\w+)?\\) \\{\\s*out\\.writeByte\\((\\d+)\\)");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| (\\d+) \\| (\\w+) \\|$");

    private record Picture(String heading, String text) {}

    private static Map<String, Picture> drawn() throws IOException {
        var pictures = new TreeMap<String, Picture>();
        for (var source : filesIn(SOURCES, ".java")) {
            var text = Files.readString(source);
            var drawing = DRAWN.matcher(text);
            if (!source.endsWith("package-info.java") && drawing.find()) {
                var magic = MAGIC.matcher(text);
                var version = VERSION.matcher(text);
                var heading = magic.find() && version.find()
                        ? "Magic `%s`, version `%s`.\n\n".formatted(magic.group(1), version.group(1))
                        : "";
                var bytes = drawing.group(1).replaceAll("(?m)^/// ?", "");
                pictures.put(SOURCES.relativize(source).toString(), new Picture(heading, bytes));
            }
        }
        return pictures;
    }

    private static List<Path> filesIn(Path folder, String suffix) throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(suffix)).toList();
        }
    }

    @Test
    void everyPictureOfBytesIsOnAPageAsItsClassDrawsIt() throws IOException {
        var shown = new TreeMap<String, Picture>();
        for (var page : filesIn(PAGES, ".md")) {
            SHOWN.matcher(Files.readString(page))
                    .results()
                    .forEach(block -> shown.put(block.group(2), new Picture(block.group(1), block.group(3))));
        }
        assertThat(shown).isEqualTo(drawn());
    }

    @Test
    void everyMessageIsOnThePageWithItsTag() throws IOException {
        var frames = Files.readString(SOURCES.resolve("internal/wire/Frames.java"));
        var written = new HashMap<String, String>();
        WRITTEN.matcher(frames).results().forEach(tag -> written.put(tag.group(2), tag.group(1)));
        var shown = new HashMap<String, String>();
        ROW.matcher(Files.readString(PAGES.resolve("messages.md")))
                .results()
                .forEach(row -> shown.put(row.group(1), row.group(2)));
        assertThat(shown).isNotEmpty().isEqualTo(written);
    }
}
