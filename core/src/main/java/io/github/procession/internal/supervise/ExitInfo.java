package io.github.procession.internal.supervise;

import io.github.procession.internal.os.Shortage;
import io.github.procession.internal.wire.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a process ended.
///
/// @param code      its exit code; 128 + n if signal n ended it
/// @param signal    the signal that ended it, 0 if it exited
/// @param errors    the last lines of its standard error
/// @param reason    why this process killed it, null if it did not
/// @param errorFile path of the report that its JVM wrote when it crashed, null if none
/// @param resident  how many bytes of memory it had resident when last seen, 0 if nobody looked
/// @param oom       what the kernel's out-of-memory killer did while it lived
public record ExitInfo(
        int code,
        int signal,
        List<String> errors,
        @Nullable String errorFile,
        @Nullable String reason,
        long resident,
        Outcome.Oom oom) {
    /// The end of a sentence about one that did not get far: what its last words complain of, if it is something that runs
    /// out, and these words.
    String inItsWords() {
        return inItsWords(errors);
    }

    static String inItsWords(List<String> errors) {
        if (errors.isEmpty()) {
            return ".";
        }
        var words = String.join("\n  ", errors);
        return Shortage.in(words)
                        .map(lack -> ". " + lack.advice() + " Its words:")
                        .orElse(":") + "\n  " + words;
    }
}
