package io.github.procession.internal.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;

class FlagFileTest {
    @Test
    void theFlagsOfAChildAreForItsUserAloneAndStayAsTheyAre() throws IOException {
        try (var flags = FlagFile.of("-Dtoken=secret".getBytes(StandardCharsets.UTF_8))) {
            var file = Path.of(flags.path());
            assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
            assertThatThrownBy(() -> Files.writeString(file, "-javaagent:other.jar"))
                    .isInstanceOf(IOException.class);
            assertThat(file).hasContent("-Dtoken=secret");
        }
    }
}
