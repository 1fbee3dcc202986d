package io.github.procession.stress.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.github.procession.internal.ring.CellRing;
import java.lang.foreign.Arena;
import java.util.Arrays;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.III_Result;

/// The ring of a queue between two processes.
public final class RingOrder {
    private static final byte[] BODY = new byte[48];

    static {
        Arrays.fill(BODY, (byte) 7);
    }

    private RingOrder() {}

    static CellRing ring() {
        return CellRing.format(Arena.ofAuto().allocate(CellRing.bytes(2), 128), 0, 2);
    }

    /// @return 0 for nothing, 1 for an item, 2 for one that is not whole
    static int take(CellRing ring) {
        long ticket = ring.claim(2);
        if (ticket == CellRing.NONE) {
            return 0;
        }
        byte[] body = new byte[48];
        boolean whole = ring.tag(ticket) == 5 && ring.length(ticket) == 48;
        ring.copy(ticket, body);
        ring.release(ticket);
        return whole && Arrays.equals(body, BODY) ? 1 : 2;
    }

    /// What is taken is whole.
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "1, 1, 0"},
            expect = ACCEPTABLE,
            desc = "it was taken at once, or later")
    @Outcome(expect = FORBIDDEN, desc = "it was lost, or torn")
    @State
    public static class Whole {
        private final CellRing ring = ring();

        /// Puts.
        @Actor
        public void put(III_Result result) {
            result.r1 = ring.offer(1, 5, BODY, 48) >= 0 ? 1 : 0;
        }

        /// Takes.
        @Actor
        public void take(III_Result result) {
            result.r2 = RingOrder.take(ring);
        }

        /// Takes the rest.
        @Arbiter
        public void rest(III_Result result) {
            result.r3 = RingOrder.take(ring);
        }
    }

    /// Who sees the end has seen everything that was put.
    @JCStressTest
    @Outcome(
            id = {"1, 0, 1", "1, 1, 0", "0, 2, 0", "0, 0, 0", "1, 3, 0"},
            expect = ACCEPTABLE,
            desc = "what was put is taken before the end is seen, or later; what was refused is not there")
    @Outcome(
            expect = FORBIDDEN,
            desc = "an item was put, and somebody had seen that there would be none; or one is lost")
    @State
    public static class End {
        private final CellRing ring = ring();

        /// Puts.
        @Actor
        public void put(III_Result result) {
            result.r1 = ring.offer(1, 5, BODY, 48) >= 0 ? 1 : 0;
        }

        /// Ends, takes, and looks whether it is over: 0 for not yet, 1 for an item and not yet, 2 for nothing and over, 3 for
        /// an item and over.
        @Actor
        public void end(III_Result result) {
            ring.end();
            int taken = RingOrder.take(ring);
            result.r2 = taken + (ring.isOver() ? 2 : 0);
        }

        /// Takes the rest.
        @Arbiter
        public void rest(III_Result result) {
            result.r3 = RingOrder.take(ring);
        }
    }
}
