package io.github.procession.stress.memory;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.github.procession.internal.sync.LockWord;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

/// Two processes count under a lock, with plain reads and writes: each that had the lock has counted.
@JCStressTest
@Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "one had the lock, and one was counted")
@Outcome(id = "2, 2", expect = ACCEPTABLE, desc = "both had it, one after the other")
@Outcome(expect = FORBIDDEN, desc = "both had it at a time, or one did not see what the other wrote")
@State
public class LockOrder {
    private static final long COUNT = 1024;

    private final MemorySegment memory = Arena.ofAuto().allocate(2048, 128);
    private int first;
    private int second;

    private int count(int slot) {
        var lock = new LockWord(memory, 0, slot);
        if (lock.take(false) != LockWord.Attempt.TAKEN) {
            return 0;
        }
        memory.set(ValueLayout.JAVA_INT, COUNT, memory.get(ValueLayout.JAVA_INT, COUNT) + 1);
        lock.free();
        return 1;
    }

    @Actor
    public void one() {
        first = count(1);
    }

    @Actor
    public void two() {
        second = count(2);
    }

    @Arbiter
    public void both(II_Result result) {
        result.r1 = first + second;
        result.r2 = memory.get(ValueLayout.JAVA_INT, COUNT);
    }
}
