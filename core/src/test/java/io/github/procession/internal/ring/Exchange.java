package io.github.procession.internal.ring;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemorySegment;

/// A ring or a pipe, as the kill tests see it.
interface Exchange {

    boolean put(int slot, int item, byte[] body, int length);

    /// Claims the next item and copies it; it stays until [#release()]. False when there is none.
    boolean claim(int slot, byte[] into);

    int tag();

    int length();

    /// Whether the claimed item was another's before, and may therefore be out of order.
    boolean isGivenBack();

    void release();

    boolean isEmpty();

    /// Returns how many cells the dead process held.
    int repair(int deadSlot);

    /// The exchange that was formatted at the beginning of that memory.
    static Exchange over(MemorySegment memory) {
        return memory.get(JAVA_LONG, 0) == CellRingLayout.MAGIC
                ? new OfRing(CellRing.over(memory, 0))
                : new OfPipe(RecordPipe.over(memory, 0));
    }

    /// Through a ring.
    final class OfRing implements Exchange {
        private final CellRing ring;
        private long ticket;

        OfRing(CellRing ring) {
            this.ring = ring;
        }

        @Override
        public boolean put(int slot, int item, byte[] body, int length) {
            return ring.offer(slot, item, body, length) != CellRing.NONE;
        }

        @Override
        public boolean claim(int slot, byte[] into) {
            ticket = ring.claim(slot);
            if (ticket == CellRing.NONE) {
                return false;
            }
            ring.copy(ticket, into);
            return true;
        }

        @Override
        public int tag() {
            return ring.tag(ticket);
        }

        @Override
        public int length() {
            return ring.length(ticket);
        }

        @Override
        public boolean isGivenBack() {
            return (ticket & 1) == 1;
        }

        @Override
        public void release() {
            ring.release(ticket);
        }

        @Override
        public boolean isEmpty() {
            return ring.size() == 0;
        }

        @Override
        public int repair(int deadSlot) {
            return ring.repair(deadSlot);
        }

        @Override
        public String toString() {
            StringBuilder live = new StringBuilder("ring of " + ring.capacity() + ":");
            ring.forEachLive((state, owner, tag, body, length) -> live.append(" " + state + " " + owner + " " + tag));
            return live.toString();
        }
    }

    /// Through a pipe, which needs no repair.
    final class OfPipe implements Exchange {
        private final RecordPipe pipe;

        OfPipe(RecordPipe pipe) {
            this.pipe = pipe;
        }

        @Override
        public boolean put(int slot, int item, byte[] body, int length) {
            return pipe.write(item, body, 0, length);
        }

        @Override
        public boolean claim(int slot, byte[] into) {
            if (!pipe.next()) {
                return false;
            }
            pipe.copy(into, 0);
            return true;
        }

        @Override
        public int tag() {
            return pipe.type();
        }

        @Override
        public int length() {
            return pipe.length();
        }

        @Override
        public boolean isGivenBack() {
            return false;
        }

        @Override
        public void release() {
            pipe.advance();
        }

        @Override
        public boolean isEmpty() {
            return pipe.isEmpty();
        }

        @Override
        public int repair(int deadSlot) {
            return 0;
        }
    }
}
