package io.github.procession;

import io.github.procession.function.SerializableRunnable;
import io.github.procession.internal.binding.Arguments;
import io.github.procession.internal.binding.Binding;
import io.github.procession.internal.binding.Signature;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A target and what has been given for it so far. Bound to each other when the process is started.
///
/// @param function   one of the serializable function types that take no result
/// @param shape      which
/// @param positional arguments for its first parameters
/// @param named      arguments for others
/// @param names      of all its parameters, if the program gives them
record TargetCall(
        Serializable function,
        Class<?> shape,
        List<@Nullable Object> positional,
        Map<String, ? extends @Nullable Object> named,
        @Nullable List<String> names) {

    TargetCall(Serializable function, Class<?> shape) {
        this(function, shape, List.of(), Map.of(), null);
    }

    TargetCall args(List<@Nullable Object> arguments) {
        return new TargetCall(function, shape, arguments, named, names);
    }

    TargetCall kwargs(Map<String, ? extends @Nullable Object> arguments) {
        return new TargetCall(function, shape, positional, arguments, names);
    }

    TargetCall parameters(List<String> all) {
        return new TargetCall(function, shape, positional, named, all);
    }

    /// The target with its arguments.
    ///
    /// @throws IllegalArgumentException if they do not fit, with what the target takes and all that is wrong
    SerializableRunnable bound() {
        return switch (new Arguments(positional, named, names).bind(Signature.of(function, shape))) {
            case Binding.Fit(var arguments) -> new Bound(function, arguments.toArray());
            case Binding.Misfit(String why) -> throw new IllegalArgumentException(why);
        };
    }
}
