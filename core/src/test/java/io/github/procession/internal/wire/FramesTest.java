package io.github.procession.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.memory.ObjectRef;
import io.github.procession.internal.memory.Place;
import io.github.procession.internal.wire.Message.Role;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FramesTest {
    /// Those that can be compared.
    static final List<Message> ONE_OF_EACH = List.of(
            new Message.Hello(42),
            new Message.Welcome(
                    "näme",
                    "1:2",
                    7,
                    true,
                    "main",
                    1,
                    false,
                    99,
                    LinkAddress.NONE,
                    Map.of("k", "v"),
                    new LoaderKey(1, 9),
                    List.of(new ObjectRef(1, ObjectKind.BELL, new Place(5, 4, 3, 2, 1))),
                    new Role.Serve(3, 4)),
            new Message.Ready(),
            new Message.Arrived(),
            new Message.Ending(),
            new Message.Logged(4, "INFO", "a.b", "text"),
            new Message.ClassWanted(1, new LoaderKey(2, 3), "a.B"),
            new Message.ResourcesWanted(1, new LoaderKey(2, 3), "META-INF/x"),
            new Message.ClassElsewhere(2),
            new Message.ClassMissing(3, "why"),
            new Message.Interrupt(5),
            new Message.Overdue(6),
            new Message.Dumped(7, "thréads"),
            new Message.Join(6, 7),
            new Message.Create(8, 1, 2, 3),
            new Message.Attach(9, 10),
            new Message.Detach(11),
            new Message.Claim(29),
            new Message.Drained(30),
            new Message.Name(31, 32, "näme"),
            new Message.Find(33, "näme"),
            new Message.Found(34, 35),
            new Message.Pin(12, 1, List.of(1L, 2L)),
            new Message.PinItem(13, 2, List.of()),
            new Message.ItemPut(14),
            new Message.Unpin(15),
            new Message.Reserve(16),
            new Message.Cancel(17),
            new Message.AwaitGone(18, 19),
            new Message.Joined(),
            new Message.Located(20, new ObjectRef(1, ObjectKind.QUEUE, new Place(1, 2, 3, 4, 5))),
            new Message.Pinned(21, 22),
            new Message.Reserved(23, 24, new LinkAddress("25:1:26:2")),
            new Message.Done(27),
            new Message.Defined(36, 37),
            new Message.Explain(38, 39),
            new Message.Refused(28, "no"));

    /// These too, and those with bytes in them, and each role.
    static final List<Message> ANY = Stream.concat(
                    ONE_OF_EACH.stream(),
                    Stream.of(
                            new Message.ClassFound(1, LoaderKey.APPLICATION, new byte[] {1, 2}),
                            new Message.Settled(new byte[] {3}, 4),
                            new Message.ResourcesFound(5, List.of(new byte[3], new byte[0])),
                            new Message.Define(6, new byte[] {7}),
                            new Message.Explained(8, new byte[] {9, 10}),
                            welcome(new Role.Wait(List.of("a.B", "c"))),
                            welcome(new Role.Target(new byte[20])),
                            welcome(new Role.Call(new byte[0])),
                            welcome(new Role.Serve(1, 2))))
            .toList();

    private static Message.Welcome welcome(Role role) {
        return new Message.Welcome(
                "", "", 1, false, "", 1, false, 1, LinkAddress.NONE, Map.of(), LoaderKey.APPLICATION, List.of(), role);
    }

    private static Message read(byte[] bytes) throws IOException {
        return Frames.read(new DataInputStream(new ByteArrayInputStream(bytes)));
    }

    @Test
    void everyMessageComesBackEqual() throws IOException {
        for (var message : ONE_OF_EACH) {
            assertThat(read(Frames.encode(message))).isEqualTo(message);
        }
        var found = (Message.ClassFound)
                read(Frames.encode(new Message.ClassFound(1, LoaderKey.APPLICATION, new byte[] {1, 2})));
        assertThat(found.bytes()).containsExactly(1, 2);
        var settled = (Message.Settled) read(Frames.encode(new Message.Settled(new byte[] {3}, 4)));
        assertThat(settled.outcome()).containsExactly(3);
        assertThat(settled.pin()).isEqualTo(4);
        var define = (Message.Define) read(Frames.encode(new Message.Define(6, new byte[] {7})));
        assertThat(define.request()).isEqualTo(6);
        assertThat(define.definition()).containsExactly(7);
        var explained = (Message.Explained) read(Frames.encode(new Message.Explained(8, new byte[] {9, 10})));
        assertThat(explained.request()).isEqualTo(8);
        assertThat(explained.definition()).containsExactly(9, 10);
    }

    @Test
    void everyKindOfMessageAndRoleIsTried() throws IOException {
        var tried = ONE_OF_EACH.stream().<Class<?>>map(Object::getClass).collect(Collectors.toSet());
        tried.addAll(List.of(Message.ClassFound.class, Message.Settled.class, Message.ResourcesFound.class));
        tried.addAll(List.of(Message.Define.class, Message.Explained.class));
        assertThat(tried).containsAll(kinds(Message.class).toList());
        for (var role : List.of(
                new Role.Wait(List.of("a.B", "c")),
                new Role.Target(new byte[0]),
                new Role.Call(new byte[0]),
                new Role.Serve(1, 2))) {
            var there = ((Message.Welcome) read(Frames.encode(welcome(role)))).role();
            assertThat(there).usingRecursiveComparison().isEqualTo(role);
        }
        assertThat(kinds(Role.class)).hasSize(4);
    }

    private static Stream<Class<?>> kinds(Class<?> type) {
        return type.isRecord()
                ? Stream.of(type)
                : Stream.of(type.getPermittedSubclasses()).flatMap(FramesTest::kinds);
    }

    @Test
    void aFrameCutShortIsTheEndOfTheStream() {
        for (var message : ONE_OF_EACH) {
            byte[] frame = Frames.encode(message);
            for (int length = 0; length < frame.length; length++) {
                byte[] cut = Arrays.copyOf(frame, length);
                assertThatThrownBy(() -> read(cut)).isInstanceOf(EOFException.class);
            }
        }
    }

    @Test
    void nonsenseIsRefused() {
        assertThatThrownBy(() -> read(new byte[] {-1, 0, 0, 0, 1})).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> read(new byte[] {0, 0, 0, 1, 99})).hasMessageContaining("unknown tag 99");
    }
}
