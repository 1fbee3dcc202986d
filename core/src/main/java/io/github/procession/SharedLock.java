package io.github.procession;

import io.github.procession.function.SerializableRunnable;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.sync.LockWord;
import io.github.procession.internal.sync.SyncBlock;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A lock between processes, and between threads of one; virtual ones too. It is owned by the thread that took it, and is
/// not reentrant.
///
/// ```java
/// var lock = SharedLock.create();
/// lock.lock();
/// try {
///     …
/// } finally {
///     lock.unlock();
/// }
/// ```
///
/// **Death.** A lock whose owner's process ends without unlocking it is *abandoned*: what it guards may be half changed. If
/// it was made with a repair, the next owner runs that before its `lock()` returns. Otherwise every attempt throws
/// [AbandonedLockException] until somebody calls [#recover]. An exception always means: not held.
///
/// It is not fair: whoever comes when it is free may take it before those who wait. Actions before unlocking happen before
/// those after the next locking, in another process too. All methods throw [IllegalStateException] after [#close()].
public final class SharedLock extends BaseLock {
    private static final long serialVersionUID = 1L;

    SharedLock(SharedBlock block, @Nullable SerializableRunnable repair) {
        super(block, Handle.Kind.LOCK, repair);
    }

    /// Makes a lock.
    ///
    /// @return a handle of it
    /// @throws IllegalStateException if there is not enough memory left
    public static SharedLock create() {
        return new SharedLock(allocate(ObjectKind.LOCK, SyncBlock.LOCK), null);
    }

    /// Makes a lock that is repaired after the death of an owner.
    ///
    /// @param repair what makes the guarded things whole, run by the next owner, in whatever process, while it holds the
    ///               lock; it travels with each handle, so it must not have the lock itself in it. If it throws, the lock
    ///               stays abandoned
    /// @return a handle of it
    /// @throws IllegalStateException if there is not enough memory left
    public static SharedLock create(SerializableRunnable repair) {
        Objects.requireNonNull(repair, "repair");
        return new SharedLock(allocate(ObjectKind.LOCK, SyncBlock.LOCK), repair);
    }

    @Override
    boolean takeAgain(LockWord word) {
        return false;
    }

    @Override
    void taken(LockWord word) {
        // once is all there is
    }

    @Override
    boolean freeOnce(LockWord word) {
        return false;
    }
}
