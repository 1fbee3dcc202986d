package io.github.procession.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.internal.os.Os;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LinkAddressTest {
    private static final long SELF = ProcessHandle.current().pid();

    @Test
    void aLinkIsOpenedByItsAddress() throws IOException {
        var offer = LinkOffer.make("test");
        try (var here = offer.link();
                var there =
                        Link.open("test", SELF, new LinkAddress(offer.address().text()))) {
            offer.withdraw();
            here.send(new Message.Interrupt(3));
            assertThat(there.receive()).isEqualTo(new Message.Interrupt(3));
        }
    }

    @Test
    void whoeverHasTheNumbersOfAProcessThatIsGoneIsLeftAlone() throws IOException {
        int file = Os.memfd("procession-test");
        try {
            var path = Path.of("/proc/self/fd/" + file);
            Files.writeString(path, "precious");
            assertThatThrownBy(() -> Link.open("test", SELF, new LinkAddress("%d:1:%d:1".formatted(file, file))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is no pipe");
            assertThat(path).hasContent("precious");
        } finally {
            Os.close(file);
        }
    }

    @Test
    void anotherPipeWithTheSameDescriptorIsNotWhatWasMeant() throws IOException {
        var offer = LinkOffer.make("test");
        try (var link = offer.link()) {
            var other = new LinkAddress(offer.address().text() + "1");
            assertThatThrownBy(() -> Link.open("test", SELF, other))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("not the one that offered");
            assertThat(link.closed()).isNotDone();
        } finally {
            offer.withdraw();
        }
    }
}
