package io.github.procession;

/// What a task or function is called when people read about it.
final class Label {
    private Label() {}

    /// Something that stands for another function, which is the one to name.
    interface Wrapping {
        Object wrapped();
    }

    static String of(Object function) {
        var named = function;
        while (named instanceof Wrapping wrapping) {
            named = wrapping.wrapped();
        }
        return named.getClass().getName().replaceFirst("\\$\\$Lambda.*", " (a lambda)");
    }
}
