package io.github.procession.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.internal.memory.Mappings;
import io.github.procession.internal.os.Cable;
import io.github.procession.internal.wire.LinkOffer;
import io.github.procession.internal.wire.Message;
import java.io.OutputStream;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RootDeskTest {
    private static final long LIMIT_SECONDS = 60;
    private static final int MORE_THAN_A_PIPE_HOLDS = 1 << 20;

    @Test
    void aProcessThatDoesNotReadHoldsUpNoBurial() throws Exception {
        var registry = new Registry(new Mappings(ProcessHandle.current().pid()));
        var own = new OwnRoot(registry, new Reaper(registry), Node.ROOT_SLOT);
        int stopped = own.reserve().slot();
        int first = own.reserve().slot();
        int second = own.reserve().slot();
        var offer = LinkOffer.make("stopped");
        var cable = Cable.open(ProcessHandle.current().pid(), offer.address().text());
        offer.link().listen(_ -> {});
        var desk = new RootDesk(own.of(stopped), offer.link());
        var answer = new Message.ResourcesFound(1, List.of(new byte[MORE_THAN_A_PIPE_HOLDS]));
        var writer = Thread.ofPlatform().start(() -> offer.link().tell(answer));
        try (var in = cable.in()) {
            assertThat(in.read()).isNotNegative(); // so it is being written
            desk.accept(new Message.AwaitGone(2, first));
            var firstGone = own.gone(first);
            own.cancel(first);
            firstGone.get(LIMIT_SECONDS, TimeUnit.SECONDS);
            var secondGone = own.gone(second);
            own.cancel(second);
            secondGone.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } finally {
            offer.withdraw();
            cable.endReading();
            cable.endWriting();
            writer.join();
            own.cancel(stopped);
            offer.link().closed().get(LIMIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    @Test
    void whoAsksIsToldWhenAnotherIsGone() throws Exception {
        var registry = new Registry(new Mappings(ProcessHandle.current().pid()));
        var own = new OwnRoot(registry, new Reaper(registry), Node.ROOT_SLOT);
        int asker = own.reserve().slot();
        int other = own.reserve().slot();
        var offer = LinkOffer.make("asker");
        var cable = Cable.open(ProcessHandle.current().pid(), offer.address().text());
        offer.link().listen(_ -> {});
        var desk = new RootDesk(own.of(asker), offer.link());
        desk.accept(new Message.AwaitGone(2, other));
        own.cancel(other);
        try (var in = cable.in()) {
            assertThat(in.read()).isNotNegative();
            cable.endWriting();
            offer.withdraw();
            offer.link().closed().get(LIMIT_SECONDS, TimeUnit.SECONDS);
            in.transferTo(OutputStream.nullOutputStream()); // to its end, so there is one
        } finally {
            own.cancel(asker);
        }
    }
}
