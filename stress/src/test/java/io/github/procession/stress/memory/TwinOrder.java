package io.github.procession.stress.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.github.procession.internal.ring.TwinBlock;
import java.lang.foreign.Arena;
import java.util.Arrays;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

/// A record that is read while it is changed, twice, so that both copies are.
@JCStressTest
@Outcome(
        id = {"0", "1", "2"},
        expect = ACCEPTABLE,
        desc = "one of the contents that it has had")
@Outcome(expect = FORBIDDEN, desc = "parts of two")
@State
public class TwinOrder {
    private static final int LENGTH = 40;

    private final TwinBlock twins = TwinBlock.format(Arena.ofAuto().allocate(TwinBlock.bytes(LENGTH), 128), content(0));

    private static byte[] content(int value) {
        byte[] content = new byte[LENGTH];
        Arrays.fill(content, (byte) value);
        return content;
    }

    @Actor
    public void write() {
        for (int value = 1; value <= 2; value++) {
            if (twins.tryClaim(1)) {
                twins.publish(content(value));
            }
        }
    }

    @Actor
    public void read(I_Result result) {
        byte[] seen = twins.read();
        result.r1 = Arrays.equals(seen, content(seen[0])) ? seen[0] : -1;
    }
}
