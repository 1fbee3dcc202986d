package io.github.procession;

/// What a task or function is called when people read about it.
final class Label {
    private Label() {}

    /// Something that stands for another function, which is the one to name.
    interface Wrapping {
        Object wrapped();
    }

    private static final ClassValue<String> LABELS = new ClassValue<>() {
        @Override
        protected String computeValue(Class<?> type) {
            return type.getName().replaceFirst("\\$\\$Lambda.*", " (a lambda)");
        }
    };

    static String of(Object function) {
        var named = function;
        while (named instanceof Wrapping wrapping) {
            named = wrapping.wrapped();
        }
        return LABELS.get(named.getClass());
    }
}
