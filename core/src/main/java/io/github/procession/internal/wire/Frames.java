package io.github.procession.internal.wire;

import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.memory.ObjectRef;
import io.github.procession.internal.memory.Place;
import io.github.procession.internal.wire.Message.Role;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The bytes of a [Message]: `int length | byte tag | fields`, big-endian, strings as UTF-8 with an int length.
///
/// Whatever the bytes are, reading them gives a message or an [IOException]: a field that would reach beyond its frame is
/// refused before anything is allocated for it, and a frame must be used up to its end.
final class Frames {
    /*
     * No switch over the kinds of messages: a JVM makes the code of such a switch when it first comes to it, which takes
     * milliseconds, and no cache keeps that. A child says its first words here. A test has one of each kind.
     */
    static final int MAX = Integer.MAX_VALUE - 64;
    private static final int OBJECT_BYTES = 5 * Long.BYTES + 2 * Integer.BYTES;

    private Frames() {}

    static byte[] encode(Message message) {
        var bytes = new ByteArrayOutputStream(256);
        try (var out = new DataOutputStream(bytes)) {
            out.writeInt(0);
            write(message, out);
        } catch (IOException e) {
            throw new AssertionError("in memory", e);
        }
        byte[] frame = bytes.toByteArray();
        int length = frame.length - Integer.BYTES;
        for (int i = 0; i < Integer.BYTES; i++) {
            frame[i] = (byte) (length >>> (24 - 8 * i));
        }
        return frame;
    }

    /// @return the next message
    /// @throws java.io.EOFException at the end of the stream, also in the middle of a frame
    static Message read(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length <= 0 || length > MAX) {
            throw new IOException("A control message of %d bytes: the link is broken".formatted(length));
        }
        var fields = new Fields(in, length);
        var message = decode(fields);
        fields.end();
        return message;
    }

    @SuppressWarnings("IfChainToSwitch")
    private static void write(Message message, DataOutput out) throws IOException {
        if (message instanceof Message.Hello m) {
            out.writeByte(1);
            out.writeLong(m.pid());
        } else if (message instanceof Message.Welcome m) {
            out.writeByte(2);
            string(out, m.name());
            string(out, m.path());
            out.writeInt(m.slot());
            out.writeBoolean(m.daemon());
            string(out, m.parentName());
            out.writeInt(m.parentSlot());
            out.writeBoolean(m.parentDaemon());
            out.writeLong(m.rootPid());
            write(m.rootLink(), out);
            out.writeInt(m.properties().size());
            for (var property : m.properties().entrySet()) {
                string(out, property.getKey());
                string(out, property.getValue());
            }
            key(out, m.context());
            out.writeInt(m.attached().size());
            for (var object : m.attached()) {
                write(object, out);
            }
            write(m.role(), out);
        } else if (message instanceof Message.Ready) {
            out.writeByte(38);
        } else if (message instanceof Message.Arrived) {
            out.writeByte(3);
        } else if (message instanceof Message.Settled m) {
            out.writeByte(4);
            bytes(out, m.outcome());
            out.writeLong(m.pin());
        } else if (message instanceof Message.Ending) {
            out.writeByte(5);
        } else if (message instanceof Message.ClassWanted m) {
            out.writeByte(6);
            out.writeInt(m.request());
            key(out, m.loader());
            string(out, m.name());
        } else if (message instanceof Message.ClassFound m) {
            out.writeByte(7);
            out.writeInt(m.request());
            key(out, m.definer());
            bytes(out, m.bytes());
        } else if (message instanceof Message.ClassElsewhere m) {
            out.writeByte(8);
            out.writeInt(m.request());
        } else if (message instanceof Message.ClassMissing m) {
            out.writeByte(9);
            out.writeInt(m.request());
            string(out, m.why());
        } else if (message instanceof Message.Interrupt m) {
            out.writeByte(10);
            out.writeLong(m.task());
        } else if (message instanceof Message.Overdue m) {
            out.writeByte(36);
            out.writeLong(m.task());
        } else if (message instanceof Message.Dumped m) {
            out.writeByte(37);
            out.writeLong(m.task());
            string(out, m.threads());
        } else if (message instanceof Message.Join m) {
            out.writeByte(11);
            out.writeInt(m.slot());
            out.writeLong(m.pid());
        } else if (message instanceof Message.Create m) {
            out.writeByte(12);
            out.writeInt(m.request());
            out.writeInt(m.kind());
            out.writeLong(m.bytes());
            out.writeLong(m.owner());
        } else if (message instanceof Message.Attach m) {
            out.writeByte(13);
            out.writeInt(m.request());
            out.writeLong(m.id());
        } else if (message instanceof Message.Detach m) {
            out.writeByte(14);
            out.writeLong(m.id());
        } else if (message instanceof Message.Pin m) {
            out.writeByte(15);
            out.writeInt(m.request());
            out.writeInt(m.owner());
            longs(out, m.ids());
        } else if (message instanceof Message.PinItem m) {
            out.writeByte(16);
            out.writeInt(m.request());
            out.writeLong(m.queue());
            longs(out, m.ids());
        } else if (message instanceof Message.ItemPut m) {
            out.writeByte(17);
            out.writeLong(m.pin());
        } else if (message instanceof Message.Unpin m) {
            out.writeByte(18);
            out.writeLong(m.pin());
        } else if (message instanceof Message.Claim m) {
            out.writeByte(31);
            out.writeLong(m.pin());
        } else if (message instanceof Message.Drained m) {
            out.writeByte(32);
            out.writeInt(m.slot());
        } else if (message instanceof Message.Name m) {
            out.writeByte(33);
            out.writeInt(m.request());
            out.writeLong(m.id());
            string(out, m.name());
        } else if (message instanceof Message.Find m) {
            out.writeByte(34);
            out.writeInt(m.request());
            string(out, m.name());
        } else if (message instanceof Message.Found m) {
            out.writeByte(35);
            out.writeInt(m.request());
            out.writeLong(m.id());
        } else if (message instanceof Message.Reserve m) {
            out.writeByte(19);
            out.writeInt(m.request());
        } else if (message instanceof Message.Cancel m) {
            out.writeByte(20);
            out.writeInt(m.slot());
        } else if (message instanceof Message.AwaitGone m) {
            out.writeByte(21);
            out.writeInt(m.request());
            out.writeInt(m.slot());
        } else if (message instanceof Message.Joined) {
            out.writeByte(22);
        } else if (message instanceof Message.Located m) {
            out.writeByte(23);
            out.writeInt(m.request());
            write(m.object(), out);
        } else if (message instanceof Message.Pinned m) {
            out.writeByte(24);
            out.writeInt(m.request());
            out.writeLong(m.pin());
        } else if (message instanceof Message.Reserved m) {
            out.writeByte(25);
            out.writeInt(m.request());
            out.writeInt(m.slot());
            write(m.link(), out);
        } else if (message instanceof Message.Done m) {
            out.writeByte(26);
            out.writeInt(m.request());
        } else if (message instanceof Message.ResourcesWanted m) {
            out.writeByte(28);
            out.writeInt(m.request());
            key(out, m.loader());
            string(out, m.name());
        } else if (message instanceof Message.ResourcesFound m) {
            out.writeByte(29);
            out.writeInt(m.request());
            out.writeInt(m.contents().size());
            for (byte[] content : m.contents()) {
                bytes(out, content);
            }
        } else if (message instanceof Message.Logged m) {
            out.writeByte(30);
            out.writeInt(m.request());
            string(out, m.level());
            string(out, m.logger());
            string(out, m.text());
        } else if (message instanceof Message.Define m) {
            out.writeByte(39);
            out.writeInt(m.request());
            bytes(out, m.definition());
        } else if (message instanceof Message.Defined m) {
            out.writeByte(40);
            out.writeInt(m.request());
            out.writeInt(m.number());
        } else if (message instanceof Message.Explain m) {
            out.writeByte(41);
            out.writeInt(m.request());
            out.writeInt(m.number());
        } else if (message instanceof Message.Explained m) {
            out.writeByte(42);
            out.writeInt(m.request());
            bytes(out, m.definition());
        } else if (message instanceof Message.Refused m) {
            out.writeByte(27);
            out.writeInt(m.request());
            string(out, m.why());
        } else {
            throw new AssertionError("a message without bytes: " + message);
        }
    }

    private static Message decode(Fields in) throws IOException {
        int tag = in.int1();
        return switch (tag) {
            case 1 -> new Message.Hello(in.int8());
            case 2 ->
                new Message.Welcome(
                        string(in),
                        string(in),
                        in.int4(),
                        in.bool(),
                        string(in),
                        in.int4(),
                        in.bool(),
                        in.int8(),
                        link(in),
                        properties(in),
                        key(in),
                        objects(in),
                        role(in));
            case 3 -> new Message.Arrived();
            case 4 -> new Message.Settled(in.bytes(), in.int8());
            case 5 -> new Message.Ending();
            case 6 -> new Message.ClassWanted(in.int4(), key(in), string(in));
            case 7 -> new Message.ClassFound(in.int4(), key(in), in.bytes());
            case 8 -> new Message.ClassElsewhere(in.int4());
            case 9 -> new Message.ClassMissing(in.int4(), string(in));
            case 10 -> new Message.Interrupt(in.int8());
            case 11 -> new Message.Join(in.int4(), in.int8());
            case 12 -> new Message.Create(in.int4(), in.int4(), in.int8(), in.int8());
            case 13 -> new Message.Attach(in.int4(), in.int8());
            case 14 -> new Message.Detach(in.int8());
            case 15 -> new Message.Pin(in.int4(), in.int4(), longs(in));
            case 16 -> new Message.PinItem(in.int4(), in.int8(), longs(in));
            case 17 -> new Message.ItemPut(in.int8());
            case 18 -> new Message.Unpin(in.int8());
            case 19 -> new Message.Reserve(in.int4());
            case 20 -> new Message.Cancel(in.int4());
            case 21 -> new Message.AwaitGone(in.int4(), in.int4());
            case 22 -> new Message.Joined();
            case 23 -> new Message.Located(in.int4(), object(in));
            case 24 -> new Message.Pinned(in.int4(), in.int8());
            case 25 -> new Message.Reserved(in.int4(), in.int4(), link(in));
            case 26 -> new Message.Done(in.int4());
            case 27 -> new Message.Refused(in.int4(), string(in));
            case 28 -> new Message.ResourcesWanted(in.int4(), key(in), string(in));
            case 29 -> new Message.ResourcesFound(in.int4(), contents(in));
            case 30 -> new Message.Logged(in.int4(), string(in), string(in), string(in));
            case 31 -> new Message.Claim(in.int8());
            case 32 -> new Message.Drained(in.int4());
            case 33 -> new Message.Name(in.int4(), in.int8(), string(in));
            case 34 -> new Message.Find(in.int4(), string(in));
            case 35 -> new Message.Found(in.int4(), in.int8());
            case 36 -> new Message.Overdue(in.int8());
            case 37 -> new Message.Dumped(in.int8(), string(in));
            case 38 -> new Message.Ready();
            case 39 -> new Message.Define(in.int4(), in.bytes());
            case 40 -> new Message.Defined(in.int4(), in.int4());
            case 41 -> new Message.Explain(in.int4(), in.int4());
            case 42 -> new Message.Explained(in.int4(), in.bytes());
            default -> throw new IOException("A control message with the unknown tag " + tag);
        };
    }

    @SuppressWarnings("IfChainToSwitch")
    private static void write(Role role, DataOutput out) throws IOException {
        if (role instanceof Role.Wait r) {
            out.writeByte(4);
            out.writeInt(r.classes().size());
            for (String name : r.classes()) {
                string(out, name);
            }
        } else if (role instanceof Role.Target r) {
            out.writeByte(1);
            bytes(out, r.target());
        } else if (role instanceof Role.Call r) {
            out.writeByte(2);
            bytes(out, r.task());
        } else if (role instanceof Role.Serve r) {
            out.writeByte(3);
            out.writeLong(r.channel());
            out.writeLong(r.bell());
        } else {
            throw new AssertionError("a role without bytes: " + role);
        }
    }

    private static Role role(Fields in) throws IOException {
        int tag = in.int1();
        return switch (tag) {
            case 1 -> new Role.Target(in.bytes());
            case 2 -> new Role.Call(in.bytes());
            case 3 -> new Role.Serve(in.int8(), in.int8());
            case 4 -> new Role.Wait(strings(in));
            default -> throw new IOException("A role with the unknown tag " + tag);
        };
    }

    private static void write(LinkAddress link, DataOutput out) throws IOException {
        string(out, link.text());
    }

    private static LinkAddress link(Fields in) throws IOException {
        return new LinkAddress(string(in));
    }

    private static void write(ObjectRef object, DataOutput out) throws IOException {
        out.writeLong(object.id());
        out.writeInt(object.kind().ordinal());
        out.writeLong(object.place().segment());
        out.writeInt(object.place().file());
        out.writeLong(object.place().segmentBytes());
        out.writeLong(object.place().offset());
        out.writeLong(object.place().bytes());
    }

    private static List<ObjectRef> objects(Fields in) throws IOException {
        int count = in.count(OBJECT_BYTES);
        var objects = new ArrayList<ObjectRef>();
        for (int i = 0; i < count; i++) {
            objects.add(object(in));
        }
        return List.copyOf(objects);
    }

    private static ObjectRef object(Fields in) throws IOException {
        return new ObjectRef(
                in.int8(), kind(in.int4()), new Place(in.int8(), in.int4(), in.int8(), in.int8(), in.int8()));
    }

    private static ObjectKind kind(int ordinal) throws IOException {
        try {
            return ObjectKind.of(ordinal);
        } catch (IllegalArgumentException e) {
            throw new IOException("A control message that names an object: " + e.getMessage(), e);
        }
    }

    private static void key(DataOutput out, LoaderKey key) throws IOException {
        out.writeInt(key.slot());
        out.writeInt(key.number());
    }

    private static LoaderKey key(Fields in) throws IOException {
        return new LoaderKey(in.int4(), in.int4());
    }

    private static void string(DataOutput out, String text) throws IOException {
        bytes(out, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String string(Fields in) throws IOException {
        return new String(in.bytes(), StandardCharsets.UTF_8);
    }

    private static List<String> strings(Fields in) throws IOException {
        int count = in.count(Integer.BYTES);
        var strings = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            strings.add(string(in));
        }
        return strings;
    }

    private static void bytes(DataOutput out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static List<byte[]> contents(Fields in) throws IOException {
        int count = in.count(Integer.BYTES);
        var contents = new ArrayList<byte[]>();
        for (int i = 0; i < count; i++) {
            contents.add(in.bytes());
        }
        return contents;
    }

    private static void longs(DataOutput out, List<Long> values) throws IOException {
        out.writeInt(values.size());
        for (long value : values) {
            out.writeLong(value);
        }
    }

    private static List<Long> longs(Fields in) throws IOException {
        int count = in.count(Long.BYTES);
        var values = new ArrayList<Long>();
        for (int i = 0; i < count; i++) {
            values.add(in.int8());
        }
        return values;
    }

    private static Map<String, String> properties(Fields in) throws IOException {
        int count = in.count(2 * Integer.BYTES);
        var properties = new HashMap<String, String>();
        for (int i = 0; i < count; i++) {
            properties.put(string(in), string(in));
        }
        return properties;
    }

    /// The fields of one frame, which end where it ends.
    private static final class Fields {
        /*
         * The length of a frame, and of a field in it, is what the other side says. So for a long field memory is taken as
         * its bytes come: what was only promised costs nothing.
         */
        private static final int AT_ONCE = 1 << 20;

        private final DataInputStream in;
        private int left;

        Fields(DataInputStream in, int length) {
            this.in = in;
            this.left = length;
        }

        private void take(int bytes) throws IOException {
            if (bytes < 0 || bytes > left) {
                throw new IOException(
                        "A field of %d bytes where %d are left of a control message".formatted(bytes, left));
            }
            left -= bytes;
        }

        void end() throws IOException {
            if (left > 0) {
                throw new IOException("%d bytes too many in a control message".formatted(left));
            }
        }

        byte int1() throws IOException {
            take(Byte.BYTES);
            return in.readByte();
        }

        boolean bool() throws IOException {
            return int1() != 0;
        }

        int int4() throws IOException {
            take(Integer.BYTES);
            return in.readInt();
        }

        long int8() throws IOException {
            take(Long.BYTES);
            return in.readLong();
        }

        /// How many elements follow.
        ///
        /// @param least bytes that each has at least
        int count(int least) throws IOException {
            int count = int4();
            if (count < 0 || count > left / least) {
                throw new IOException(
                        "%d elements where %d bytes are left of a control message".formatted(count, left));
            }
            return count;
        }

        byte[] bytes() throws IOException {
            int length = int4();
            take(length);
            byte[] bytes = new byte[Math.min(length, AT_ONCE)];
            in.readFully(bytes);
            while (bytes.length < length) {
                int had = bytes.length;
                bytes = Arrays.copyOf(bytes, (int) Math.min(length, 2L * had));
                in.readFully(bytes, had, bytes.length - had);
            }
            return bytes;
        }
    }
}
