package io.github.procession;

import java.util.List;

/// A task threw something in another process that cannot be rebuilt in this one: its class is not here, or it does not
/// survive serialization. What is known of it is here in words.
public final class RemoteTaskException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// The class of what was thrown.
    private final String className;
    /// Its message.
    private final String remoteMessage;
    /// Its trace.
    private final String remoteTrace;
    /// Its causes.
    private final List<String> remoteCauses;

    RemoteTaskException(
            String where, String className, String remoteMessage, String remoteTrace, List<String> causes, String why) {
        super("The task threw %s%s in %s%nIt cannot be rebuilt in this process: %s%nIts trace there:%n%s"
                .formatted(
                        className,
                        remoteMessage.isEmpty() ? "" : ": " + remoteMessage,
                        where,
                        why,
                        remoteTrace.stripTrailing().indent(4).stripTrailing()));
        this.className = className;
        this.remoteMessage = remoteMessage;
        this.remoteTrace = remoteTrace;
        this.remoteCauses = List.copyOf(causes);
    }

    /// The class of what was thrown.
    ///
    /// @return its binary name
    public String className() {
        return className;
    }

    /// The message of what was thrown.
    ///
    /// @return empty if it had none
    public String remoteMessage() {
        return remoteMessage;
    }

    /// The trace, causes included, as `printStackTrace` prints it there.
    ///
    /// @return several lines
    public String remoteTrace() {
        return remoteTrace;
    }

    /// The causes of what was thrown, outermost first, each as class and message.
    ///
    /// @return empty if it had none
    public List<String> remoteCauses() {
        return remoteCauses;
    }
}
