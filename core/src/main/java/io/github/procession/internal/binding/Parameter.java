package io.github.procession.internal.binding;

import org.jspecify.annotations.Nullable;

/// A parameter of a target.
///
/// @param name its name, null if the class was compiled without
/// @param type what an argument must be, a primitive type if it cannot be null
record Parameter(@Nullable String name, Class<?> type) {
    Parameter named(String other) {
        return new Parameter(other, type);
    }

    @Override
    public String toString() {
        return name == null ? text(type) : text(type) + " " + name;
    }

    /// A type as one writes it in a program.
    static String text(Class<?> type) {
        String name = type.getCanonicalName();
        return (name == null ? type.getTypeName() : name).replaceFirst("^java\\.lang\\.(?=[A-Z])", "");
    }
}
