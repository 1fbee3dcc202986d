package io.github.procession.stress;

import io.github.procession.SharedBarrier;
import io.github.procession.SharedCondition;
import io.github.procession.SharedLock;
import io.github.procession.SharedLongArray;
import io.github.procession.SharedMemory;
import io.github.procession.SharedQueue;
import io.github.procession.SharedRecord;
import io.github.procession.SharedReentrantLock;
import io.github.procession.SharedSemaphore;
import java.io.Serializable;
import java.nio.file.Path;
import java.util.List;

/// What is tested, as all members have it, and where the ledger is.
record Shares(
        String ledger,
        long seed,
        List<SharedQueue<Deliveries.Parcel>> queues,
        SharedLock mended,
        SharedLock recovered,
        SharedReentrantLock reentrant,
        SharedLongArray guarded,
        SharedSemaphore semaphore,
        SharedCondition condition,
        SharedLongArray tokens,
        SharedBarrier barrier,
        SharedQueue<Meetings.Round> rounds,
        SharedQueue<Talks.Talk> talks,
        SharedQueue<Jobs.Job> jobs,
        SharedRecord<Values.Point> point,
        SharedLongArray counts,
        SharedMemory common)
        implements Serializable, AutoCloseable {
    static final int PERMITS = 3;
    static final int PARTIES = 3;
    static final int COUNTS = 16;
    static final int FEW = 16;
    static final String COMMON_NAME = "storm-common";

    static Shares create(Path file, long seed) {
        var ledger = file.toString();
        var conditionLock = SharedLock.create(() -> Exclusion.mend(ledger, Activity.CONDITION));
        return new Shares(
                ledger,
                seed,
                List.of(SharedQueue.create(FEW * FEW), SharedQueue.create(FEW), SharedQueue.create(FEW)),
                SharedLock.create(() -> Exclusion.mend(ledger, Activity.LOCK_WITH_REPAIR)),
                SharedLock.create(),
                SharedReentrantLock.create(() -> Exclusion.mend(ledger, Activity.REENTRANT_LOCK)),
                SharedLongArray.ofLength(FEW),
                SharedSemaphore.bounded(PERMITS),
                conditionLock.newCondition(),
                SharedLongArray.ofLength(1),
                SharedBarrier.create(PARTIES, () -> Meetings.act(ledger)),
                SharedQueue.create(FEW),
                SharedQueue.create(FEW),
                SharedQueue.create(FEW),
                SharedRecord.of(Values.Point.of(0)),
                SharedLongArray.ofLength(COUNTS),
                Values.common());
    }

    @Override
    public void close() {
        queues.forEach(SharedQueue::close);
        mended.close();
        recovered.close();
        reentrant.close();
        guarded.close();
        semaphore.close();
        ((SharedLock) condition.lock()).close();
        condition.close();
        tokens.close();
        barrier.close();
        rounds.close();
        talks.close();
        jobs.close();
        point.close();
        counts.close();
        common.close();
    }
}
