package io.github.procession.internal.binding;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What became of arguments and parameters.
public sealed interface Binding {
    /// They fit.
    ///
    /// @param arguments one for each parameter
    record Fit(List<@Nullable Object> arguments) implements Binding {}

    /// They do not fit.
    ///
    /// @param why what the target takes, and what is wrong
    record Misfit(String why) implements Binding {}
}
