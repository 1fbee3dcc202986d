package io.github.procession.tools;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RatiosTest {
    @TempDir
    Path folder;

    private static Comparison ratio(double ratio) {
        return new Comparison("map", "cpython", "items/s", ratio, 1, ratio, ratio, ratio);
    }

    @Test
    void moreInASecondIsBetterAndLessTimeIsBetter() {
        var rate = Comparison.of("map", "cpython", "items/s", List.of(6.0, 10.0, 8.0), List.of(2.0, 2.0, 4.0));
        assertThat(rate).isEqualTo(new Comparison("map", "cpython", "items/s", 8, 2, 4, 2, 5));
        var time = Comparison.of("start", "cpython", "ms", List.of(100.0, 80.0, 90.0), List.of(40.0, 45.0, 60.0));
        assertThat(time).isEqualTo(new Comparison("start", "cpython", "ms", 90, 45, 0.5, 0.4, 60.0 / 90));
    }

    @Test
    void aRatioIsLostWhenItIsWorseByAFactorOfThree() {
        var recorded = new Ratios(Map.of("map.cpython", 6.0));
        assertThat(recorded.hasLost(ratio(6))).isFalse();
        assertThat(recorded.hasLost(ratio(60))).isFalse();
        assertThat(recorded.hasLost(ratio(2.01))).isFalse();
        assertThat(recorded.hasLost(ratio(2))).isTrue();
        assertThat(recorded.hasLost(ratio(0.1))).isTrue();
    }

    @Test
    void oneGoodRoundIsEnoughNotToBeLost() {
        var recorded = new Ratios(Map.of("map.cpython", 6.0));
        assertThat(recorded.hasLost(new Comparison("map", "cpython", "items/s", 1, 1, 1, 0.1, 1.9)))
                .isTrue();
        assertThat(recorded.hasLost(new Comparison("map", "cpython", "items/s", 1, 1, 1, 0.1, 2.1)))
                .isFalse();
    }

    @Test
    void whatIsNotInTheFileCannotBeLostAndWhatWasNotMeasuredIsSaid() {
        var recorded = new Ratios(Map.of("lock.cpython", 6.0));
        assertThat(recorded.hasLost(ratio(0.001))).isFalse();
        assertThat(recorded.missing(List.of(ratio(1)))).containsExactly("lock.cpython");
        assertThat(Ratios.of(List.of(ratio(1))).missing(List.of(ratio(2)))).isEmpty();
    }

    @Test
    void whatIsWrittenCanBeRead() throws IOException {
        var file = folder.resolve("ratios.properties");
        Ratios.of(List.of(ratio(12.345))).write(file, "a machine");
        assertThat(file).hasContent("""
                        # How many times as good as its peers, by procession bench --record: a machine
                        map.cpython = 12.3
                        """);
        assertThat(Ratios.read(file)).isEqualTo(new Ratios(Map.of("map.cpython", 12.3)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"map.cpython", "map.cpython = fast", "map.cpython = 0", "map.cpython = -1", "a = Infinity"})
    void aWrongLineIsNamed(String line) throws IOException {
        var file = Files.writeString(folder.resolve("ratios.properties"), "# ratios\n\nlock.cpython = 3\n" + line);
        assertThatThrownBy(() -> Ratios.read(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("line 4 is '" + line
                        + "', not FIGURE.PEER = RATIO with a ratio above 0, as in map.cpython = 3.5");
    }

    @Test
    void figuresHaveThreeDigitsThatCount() {
        assertThat(Comparison.amount(1_234_567, "items/s")).isEqualTo("1.23 M/s");
        assertThat(Comparison.amount(12_345, "items/s")).isEqualTo("12.3 k/s");
        assertThat(Comparison.amount(123.4, "ms")).isEqualTo("123 ms");
        assertThat(Comparison.amount(0.5, "us")).isEqualTo("0.50 us");
    }
}
