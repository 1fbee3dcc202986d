package io.github.procession.internal.ring;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.procession.internal.os.SharedFile;
import io.github.procession.internal.os.TestJvm;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/// A process that puts into an exchange, or takes from it, until it is killed; and the book that is kept of it in the
/// same memory, by which the test can tell what must have happened.
///
/// ```text
///  0       ring or pipe
///  1 MiB   lives: 128 bytes each      | running | acknowledged | in hand | consumed | wrong |
///  2 MiB   marks: per life of a producer an int for each item, how often it was consumed
/// ```
final class Victim {

    static final int LIVES = 64;
    static final int ITEMS = 1 << 20;
    static final long BYTES = (2L << 20) + LIVES * ITEMS * 4L;

    private static final long LIVES_AT = 1 << 20;
    private static final long MARKS_AT = 2 << 20;
    private static final long RUNNING = 0;
    private static final long ACKNOWLEDGED = 8;
    private static final long IN_HAND = 16;
    private static final long CONSUMED = 24;
    private static final long WRONG = 32;

    private static final VarHandle LONG = JAVA_LONG.varHandle();
    private static final VarHandle INT = JAVA_INT.varHandle();
    private static final VarHandle BYTES_AS_LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final MemorySegment memory;
    private final Exchange exchange;
    private final byte[] body = new byte[CellRingLayout.BODY_BYTES];
    private final Map<Integer, Integer> last = new HashMap<>();

    Victim(MemorySegment memory) {
        this.memory = memory;
        this.exchange = Exchange.over(memory);
    }

    public static void main(String[] arguments) {
        TestJvm.dieWithParent();
        Victim victim = new Victim(SharedFile.map(arguments[1], Arena.ofShared()));
        int slot = Integer.parseInt(arguments[2]);
        int life = Integer.parseInt(arguments[3]);
        LONG.setRelease(victim.memory, life(life) + RUNNING, 1L);
        if (arguments[0].equals("produce")) {
            victim.produce(slot, life);
        } else {
            victim.consume(slot, life);
        }
    }

    // ---- what it does --------------------------------------------------------------------------------------------

    private void produce(int slot, int life) {
        for (int item = 0; item < ITEMS; item++) {
            int length = write(life, item);
            while (!exchange.put(slot, item, body, length)) {
                Thread.yield();
            }
            LONG.setRelease(memory, life(life) + ACKNOWLEDGED, item + 1L);
        }
        while (true) {
            Thread.yield();
        }
    }

    private void consume(int slot, int life) {
        while (true) {
            if (!takeOne(slot, life)) {
                Thread.yield();
            }
        }
    }

    /// Takes an item, checks it and marks it; false when there is none.
    boolean takeOne(int slot, int life) {
        if (!exchange.claim(slot, body)) {
            return false;
        }
        int producer = (int) (long) BYTES_AS_LONG.get(body, 0);
        int item = (int) (long) BYTES_AS_LONG.get(body, 8);
        check(life, "torn", isWhole(producer, item, exchange.tag(), exchange.length()));
        check(life, "out of order", exchange.isGivenBack() || item > last.getOrDefault(producer, -1));
        last.merge(producer, item, Math::max);
        LONG.setRelease(memory, life(life) + IN_HAND, key(producer, item));
        exchange.release();
        INT.getAndAdd(memory, mark(producer, item), 1);
        LONG.setRelease(memory, life(life) + IN_HAND, 0L);
        LONG.setRelease(memory, life(life) + CONSUMED, consumed(life) + 1);
        return true;
    }

    private void check(int life, String what, boolean holds) {
        if (!holds) {
            System.out.println(what);
            LONG.setRelease(memory, life(life) + WRONG, 1L);
        }
    }

    /// Lengths and contents differ from item to item, so that a mixture of two is noticed.
    private int write(int life, int item) {
        int length = 16 + (item & 31);
        for (int i = 16; i < length; i++) {
            body[i] = (byte) (item * 31 + life + i);
        }
        BYTES_AS_LONG.set(body, 0, (long) life);
        BYTES_AS_LONG.set(body, 8, (long) item);
        return length;
    }

    private boolean isWhole(int producer, int item, int tag, int length) {
        if (producer < 0 || producer >= LIVES || item < 0 || tag != item || length != 16 + (item & 31)) {
            return false;
        }
        for (int i = 16; i < length; i++) {
            if (body[i] != (byte) (item * 31 + producer + i)) {
                return false;
            }
        }
        return true;
    }

    // ---- its book ------------------------------------------------------------------------------------------------

    private static long life(int life) {
        return LIVES_AT + life * 128L;
    }

    private static long mark(int producer, int item) {
        return MARKS_AT + ((long) producer * ITEMS + item) * 4;
    }

    private static long key(int producer, int item) {
        return ((long) producer << 32 | item) + 1;
    }

    boolean isRunning(int life) {
        return (long) LONG.getAcquire(memory, life(life) + RUNNING) != 0;
    }

    long acknowledged(int life) {
        return (long) LONG.getAcquire(memory, life(life) + ACKNOWLEDGED);
    }

    long consumed(int life) {
        return (long) LONG.getAcquire(memory, life(life) + CONSUMED);
    }

    boolean hasFoundWrong(int life) {
        return (long) LONG.getAcquire(memory, life(life) + WRONG) != 0;
    }

    /// Whether a consumer may have died between the release of that item and its mark.
    boolean isInHand(int life, int producer, int item) {
        return (long) LONG.getAcquire(memory, life(life) + IN_HAND) == key(producer, item);
    }

    int marks(int producer, int item) {
        return (int) INT.getVolatile(memory, mark(producer, item));
    }
}
