package io.github.procession;

import io.github.procession.internal.shared.ConnectionCore;
import java.io.Serializable;

/// Two connected ends, for two processes that talk with each other.
///
/// ```java
/// try (var pipe = Pipe.open()) {
///     var child = ChildProcess.of(Example::answer, pipe.right()).start();
///     pipe.right().close(); // the child's from here on
///     pipe.left().send("question");
///     System.out.println(pipe.left().receive());
/// }
/// ```
///
/// Up to 1024 messages may be on their way in each direction; then `send` waits.
///
/// @param left  one end; of a one-way pipe the one that receives
/// @param right the other end; of a one-way pipe the one that sends
public record Pipe(Connection left, Connection right) implements AutoCloseable, Serializable {
    private static final int CAPACITY = 1024;

    /// Makes a pipe whose ends both send and receive.
    ///
    /// @return both ends, open in this process
    /// @throws IllegalStateException if there is not enough memory left
    public static Pipe open() {
        return of(ConnectionCore.open(CAPACITY, false));
    }

    /// Makes a pipe whose left end receives what its right end sends.
    ///
    /// @return both ends, open in this process
    /// @throws IllegalStateException if there is not enough memory left
    public static Pipe oneWay() {
        return of(ConnectionCore.open(CAPACITY, true));
    }

    private static Pipe of(ConnectionCore.Ends ends) {
        return new Pipe(new Connection(ends.left()), new Connection(ends.right()));
    }

    /// Closes both ends for this process. Idempotent.
    @Override
    public void close() {
        left.close();
        right.close();
    }
}
