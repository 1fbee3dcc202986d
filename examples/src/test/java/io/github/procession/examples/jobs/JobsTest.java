package io.github.procession.examples.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.Pool;
import io.github.procession.examples.FreshJvm;
import io.github.procession.testing.NothingLeftBehind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The larger examples, made small: what they find, and that the pool found the same.
@ExtendWith(NothingLeftBehind.class)
class JobsTest {
    @TempDir
    Path folder;

    private List<String> run(Class<?> job, String... arguments) throws IOException, InterruptedException {
        var result = FreshJvm.in(folder, Pool.class, job).run(job.getName(), arguments);
        assertThat(result.errors()).isEmpty();
        assertThat(result.exitCode()).isZero();
        return result.output().stream()
                .map(line ->
                        line.replaceAll("[0-9.]+ s\\b", "… s").replaceAll("[0-9.]+ times as fast", "… times as fast"))
                .toList();
    }

    private static List<String> same(String... found) {
        var lines =
                new ArrayList<>(List.of("alone … s, in a pool of 2 workers … s: … times as fast", "the same result"));
        lines.addAll(List.of(found));
        return lines;
    }

    @Test
    void optionsHaveTheirPrice() throws IOException, InterruptedException {
        assertThat(run(OptionPricing.class, "workers=2", "courses=100000"))
                .isEqualTo(same("European call 9.038 ± 0.051 (Black and Scholes: 9.122), Asian call 4.329"));
    }

    @Test
    void aBrokenPictureStopsNothing() throws IOException, InterruptedException {
        assertThat(run(Thumbnails.class, "workers=2", "pictures=6"))
                .isEqualTo(same("picture-003.jpg: this is no picture", "6 files"));
    }

    @Test
    void charactersAreCounted() throws IOException, InterruptedException {
        assertThat(run(CharacterTable.class, "workers=2", "times=1"))
                .isEqualTo(same("most characters are HAN, HANGUL, COMMON"));
    }

    @Test
    void networksAreCompared() throws IOException, InterruptedException {
        assertThat(run(CrossValidation.class, "workers=2", "epochs=200"))
                .isEqualTo(
                        same(
                                "the best of 12: Candidate[neurons=8, rate=0.002], which explains 78 % of what differs between cars"));
    }

    @Test
    void whatIsNoOptionIsSaid() throws IOException, InterruptedException {
        var result = FreshJvm.in(folder, Pool.class, OptionPricing.class).run(OptionPricing.class.getName(), "paths=3");
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.errors()).singleElement().asString().contains("'paths=3' is neither", "courses", "workers");
    }
}
