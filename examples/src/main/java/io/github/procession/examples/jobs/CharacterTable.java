package io.github.procession.examples.jobs;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/// A real table, the characters of Unicode as the JDK knows them, as CSV: parsed, extended by two columns, counted, and written
/// compressed.
///
/// Look at [#transform]: a task is a block of lines, and its result a compressed part of the output, which can be joined as it is.
/// Blocks are some hundred kilobytes: large enough that the way does not matter, small enough to spread.
public final class CharacterTable {
    private static final int BLOCK = 4_000; // lines
    private static final int COLUMNS = 4;

    /// A part of the output.
    ///
    /// @param compressed its lines, by gzip
    /// @param scripts    how many characters of each script are in it
    private record Part(byte[] compressed, Map<String, Integer> scripts) implements Serializable {}

    /// All of it.
    ///
    /// @param hash    of the bytes
    /// @param size    how many there are
    /// @param scripts how many characters each script has
    private record Table(int hash, int size, Map<String, Integer> scripts) {
        static Table of(List<Part> parts) {
            var all = new ByteArrayOutputStream();
            var scripts = new TreeMap<String, Integer>();
            for (var part : parts) {
                all.writeBytes(part.compressed);
                part.scripts.forEach((script, count) -> scripts.merge(script, count, Integer::sum));
            }
            var bytes = all.toByteArray();
            check(bytes);
            return new Table(Arrays.hashCode(bytes), bytes.length, scripts);
        }

        private static void check(byte[] bytes) {
            try (var in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
                in.transferTo(ByteArrayOutputStream.nullOutputStream());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private CharacterTable() {}

    /// Runs it: `times=50 workers=2`.
    public static void main(String[] arguments) throws Exception {
        var options = Comparison.Options.of(arguments, "times", 20);
        var blocks = blocks(options.size());
        var table = Comparison.of(
                options.workers(),
                () -> Table.of(blocks.stream().map(CharacterTable::transform).toList()),
                pool -> Table.of(pool.map(blocks, CharacterTable::transform)));
        System.out.printf(
                Locale.ROOT,
                "most characters are %s%n",
                table.scripts.entrySet().stream()
                        .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                        .limit(3)
                        .map(Map.Entry::getKey)
                        .collect(Collectors.joining(", ")));
    }

    /// The table: code point, name, script, category, as a file would have it.
    private static List<String> blocks(int times) {
        var lines = IntStream.rangeClosed(0, Character.MAX_CODE_POINT)
                .filter(c -> Character.isDefined(c) && Character.getType(c) != Character.PRIVATE_USE)
                .filter(c -> Character.getType(c) != Character.SURROGATE)
                .mapToObj(c -> "%04X,\"%s\",%s,%d"
                        .formatted(c, Character.getName(c), Character.UnicodeScript.of(c), Character.getType(c)))
                .toList();
        var blocks = new ArrayList<String>();
        for (int time = 0; time < times; time++) {
            for (int i = 0; i < lines.size(); i += BLOCK) {
                blocks.add(String.join("\n", lines.subList(i, Math.min(i + BLOCK, lines.size()))));
            }
        }
        return blocks;
    }

    private static Part transform(String block) {
        var compressed = new ByteArrayOutputStream();
        var scripts = new TreeMap<String, Integer>();
        try (var out = new GZIPOutputStream(compressed)) {
            for (var line : block.split("\n", -1)) {
                var row = parse(line);
                var text = Character.toString(Integer.parseInt(row.get(0), 16));
                var plain = Normalizer.normalize(text, Normalizer.Form.NFKD);
                var bytes = HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8));
                out.write("%s,%s,%s\n"
                        .formatted(line, plain.codePointCount(0, plain.length()), bytes)
                        .getBytes(StandardCharsets.UTF_8));
                scripts.merge(row.get(2), 1, Integer::sum);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Part(compressed.toByteArray(), scripts);
    }

    /// A line of CSV (RFC 4180): fields may stand in quotes, a quote within them is doubled.
    private static List<String> parse(String line) {
        var row = new ArrayList<String>();
        var field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '"') {
                boolean doubled = quoted && i + 1 < line.length() && line.charAt(i + 1) == '"';
                if (doubled) {
                    field.append(c);
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (c == ',' && !quoted) {
                row.add(field.toString());
                field.setLength(0);
            } else {
                field.append(c);
            }
        }
        row.add(field.toString());
        if (quoted || row.size() != COLUMNS) {
            throw new IllegalArgumentException("This line does not have %d columns: %s".formatted(COLUMNS, line));
        }
        return row;
    }
}
