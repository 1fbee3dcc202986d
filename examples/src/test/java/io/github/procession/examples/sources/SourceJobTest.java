package io.github.procession.examples.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.Output;
import io.github.procession.Pool;
import io.github.procession.WorkerCrashedException;
import io.github.procession.examples.sources.Totals.Method;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourceJobTest {
    private static final String SHAPES = """
            package shapes;

            /** Not counted: class X { void y() {} } */
            interface Shape {
                double area();

                record Circle(double radius) implements Shape {
                    @Override
                    public double area() {
                        return Math.PI * radius * radius;
                    }
                }

                enum Unit { CM, M }
            }
            @interface Round {}
            class Factory {
                Factory() {}
                Shape square(double side) {
                    return new Shape() {
                        public double area() { return side * side; }
                    };
                }
            }
            """;

    @TempDir
    Path folder;

    @Test
    void countsWhatIsInASource() throws IOException {
        var corpus = zip(Map.of("shapes/Shape.java", SHAPES, "readme.txt", "class No {}"));
        assertThat(corpus.names()).containsExactly("shapes/Shape.java");
        assertThat(corpus.count(corpus.names()))
                .isEqualTo(new Totals(1, 6, 5, 24, new Method("Factory.square", "shapes/Shape.java", 5)));
    }

    @Test
    void aBrokenSourceIsCountedAsFarAsItGoes() throws IOException {
        var corpus = zip(Map.of("A.java", "class A { void a() {} void b( }"));
        assertThat(corpus.count(corpus.names()).types()).isEqualTo(1);
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        var corpus = zip(Map.of("A.java", "class A {}"));
        assertThatThrownBy(() -> corpus.count(List.of("B.java")))
                .isInstanceOf(FileNotFoundException.class)
                .hasMessageContaining("B.java");
        var nowhere = new SourceZip(folder.resolve("nowhere.zip").toString());
        assertThatThrownBy(nowhere::names).isInstanceOf(IOException.class).hasMessageContaining("nowhere.zip");
    }

    @Test
    void countsWhatIsInAClass() throws IOException {
        var corpus = new ClassImage();
        var name = "/modules/java.base/java/lang/Number.class";
        assertThat(corpus.names()).contains(name);
        var totals = corpus.count(List.of(name));
        assertThat(totals.types()).isEqualTo(1);
        assertThat(totals.methods())
                .isEqualTo(Number.class.getDeclaredMethods().length + Number.class.getDeclaredConstructors().length);
    }

    @Test
    void theOrderOfThePartsDoesNotMatter() {
        var parts = new ArrayList<Totals>();
        for (int i = 0; i < 20; i++) {
            parts.add(new Totals(1, i, 2, 3, i == 7 ? null : new Method("m" + i % 3, "f" + i % 4, i % 5)));
        }
        var totals = parts.stream().reduce(Totals.NONE, Totals::plus);
        assertThat(totals.files()).isEqualTo(20);
        assertThat(totals.longest()).isEqualTo(new Method("m1", "f0", 4));
        Collections.shuffle(parts, new Random(1));
        assertThat(parts.stream().reduce(Totals.NONE, Totals::plus)).isEqualTo(totals);
    }

    @Test
    void aloneInAPoolAndWithACrashHaveTheSameTotals() throws Exception {
        var sources = new TreeMap<String, String>();
        for (int i = 0; i < 3 * SourceJob.BATCH + 1; i++) {
            sources.put("C%03d.java".formatted(i), "class C%d { void m() { %s } }".formatted(i, "\n".repeat(i % 50)));
        }
        var job = SourceJob.of(zip(sources), Integer.MAX_VALUE);
        assertThat(job.batches()).hasSize(4);
        assertThat(job.files()).isEqualTo(301);

        var alone = job.alone();
        assertThat(alone.methods()).isEqualTo(301);
        var crashes = new ArrayList<WorkerCrashedException>();
        try (var pool = Pool.open(options -> options.workers(2).process(p -> p.output(Output.DISCARD)))) {
            assertThat(job.in(pool)).isEqualTo(alone);
            assertThat(job.withACrashIn(pool, crashes::add)).isEqualTo(alone);
            assertThat(job.in(pool)).isEqualTo(alone);
        } finally {
            for (var crash : crashes) {
                Files.deleteIfExists(crash.errorFile().orElseThrow());
            }
        }
        assertThat(crashes)
                .singleElement()
                .satisfies(crash -> assertThat(crash.exitStatus().signal()).isPresent());
    }

    @Test
    void aJobCanBeLimited() throws IOException {
        var job = SourceJob.of(new ClassImage(), 150);
        assertThat(job.batches()).extracting(List::size).containsExactly(100, 50);
        assertThat(job.alone().files()).isEqualTo(150);
    }

    @Test
    void everyJdkHasACorpus() throws IOException {
        assertThat(Corpus.ofThisJdk().names()).hasSizeGreaterThan(1000);
    }

    private SourceZip zip(Map<String, String> files) throws IOException {
        var zip = folder.resolve("sources.zip");
        try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
            for (var file : files.entrySet()) {
                out.putNextEntry(new ZipEntry(file.getKey()));
                out.write(file.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
        return new SourceZip(zip.toString());
    }
}
