package io.github.procession;

import io.github.procession.function.SerializableRunnable;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.sync.LockWord;
import io.github.procession.internal.sync.SyncBlock;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A [SharedLock] that its owner may take more than once; it is free when it has been unlocked as often.
public final class SharedReentrantLock extends BaseLock {
    private static final long serialVersionUID = 1L;

    SharedReentrantLock(SharedBlock block, @Nullable SerializableRunnable repair) {
        super(block, Handle.Kind.REENTRANT_LOCK, repair);
    }

    /// Makes a lock.
    ///
    /// @return a handle of it
    /// @throws IllegalStateException if there is not enough memory left
    public static SharedReentrantLock create() {
        return new SharedReentrantLock(allocate(ObjectKind.LOCK, SyncBlock.LOCK), null);
    }

    /// Makes a lock that is repaired after the death of an owner: see [SharedLock#create(SerializableRunnable)].
    ///
    /// @param repair what makes the guarded things whole
    /// @return a handle of it
    /// @throws IllegalStateException if there is not enough memory left
    public static SharedReentrantLock create(SerializableRunnable repair) {
        Objects.requireNonNull(repair, "repair");
        return new SharedReentrantLock(allocate(ObjectKind.LOCK, SyncBlock.LOCK), repair);
    }

    @Override
    boolean takeAgain(LockWord word) {
        word.count(word.count() + 1);
        return true;
    }

    @Override
    void taken(LockWord word) {
        word.count(1);
    }

    @Override
    boolean freeOnce(LockWord word) {
        long times = word.count();
        if (times > 1) {
            word.count(times - 1);
        }
        return times > 1;
    }
}
