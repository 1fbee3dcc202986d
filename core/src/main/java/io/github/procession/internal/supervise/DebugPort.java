package io.github.procession.internal.supervise;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/// Where a child waits for a debugger.
///
/// @param number a port of this machine alone
record DebugPort(int number) {
    /*
     * The debugger's agent comes to life when the child throws a certain exception, not when its JVM boots: so the child
     * has joined the tree by then, and goes with it while it waits.
     */
    private static final String AWAITED = "io.github.procession.internal.worker.DebuggerAwaited";

    /// A port that is free now.
    ///
    /// @param wanted which, 0 for any
    /// @throws IllegalStateException if somebody has it
    static DebugPort free(int wanted) {
        try (var socket = new ServerSocket(wanted, 1, InetAddress.getLoopbackAddress())) {
            return new DebugPort(socket.getLocalPort());
        } catch (IOException e) {
            throw new IllegalStateException(
                    "debug(%d): the port cannot be had (%s). Name another, or 0 for any that is free: each process needs one of its own"
                            .formatted(wanted, e.getMessage()),
                    e);
        }
    }

    /// What makes the child's JVM listen there.
    String flag() {
        return "-agentlib:jdwp=transport=dt_socket,server=y,suspend=y,address=127.0.0.1:" + number + ",onthrow="
                + AWAITED + ",launch=true";
    }

    /// What people should know.
    String announcement(String process, long pid) {
        return "Process %s (pid %d) waits for a debugger: attach to localhost:%d, as with jdb -attach %3$d"
                .formatted(process, pid, number);
    }
}
