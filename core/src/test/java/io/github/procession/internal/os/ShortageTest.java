package io.github.procession.internal.os;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShortageTest {
    @ParameterizedTest
    @CsvSource({
        "unable to create native thread: possibly out of memory or process/resource limits reached, THREADS",
        "Cannot create VM thread. Out of system resources., THREADS",
        "'posix_spawn failed, error: 11 (Resource temporarily unavailable)', THREADS",
        "'error=24, Too many open files', DESCRIPTORS",
        "'error=12, Cannot allocate memory', MEMORY",
        "There is insufficient memory for the Java Runtime Environment to continue., MEMORY",
        "No space left on device, SPACE"
    })
    void whatHasRunOutIsSeenInTheWordsOfTheSystemAndOfTheJvm(String message, Shortage expected) {
        assertThat(Shortage.in(message)).contains(expected);
        assertThat(Shortage.explained(message))
                .endsWith(". " + expected.advice())
                .doesNotContain("..");
    }

    @Test
    void anythingElseStaysAsItIs() {
        assertThat(Shortage.in("No such file or directory")).isEmpty();
        assertThat(Shortage.explained("no.")).isEqualTo("no.");
    }
}
