package io.github.procession.internal.worker;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// What a spare does while it waits: it loads what it may need, and rehearses what children do first.
final class WarmUp {
    /// Of the roof, which no room sees: it takes one who says whether it is enough.
    private static final String REHEARSAL = "io.github.procession.Rehearsal";

    private WarmUp() {}

    /// Prepares this process, which has its place in the tree.
    ///
    /// @param classes names of the program's classes to load; none of their code runs before it is used
    /// @param enough  asked between one thing and the next: whether somebody waits for it already
    @SuppressWarnings("unchecked")
    static void run(List<String> classes, BooleanSupplier enough) {
        try {
            for (String name : classes) {
                if (!enough.getAsBoolean()) {
                    link(name);
                }
            }
            if (!enough.getAsBoolean()) {
                TaskRehearsal.run();
            }
            var rehearsal = Class.forName(REHEARSAL).getDeclaredConstructor();
            rehearsal.setAccessible(true);
            ((Consumer<BooleanSupplier>) rehearsal.newInstance()).accept(enough);
        } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
            // it is only colder then
        }
    }

    private static void link(String name) {
        try {
            var type = Class.forName(name, false, ClassLoader.getSystemClassLoader());
            var _ = type.getDeclaredMethods(); // has the JVM verify it, and load what it mentions
        } catch (ClassNotFoundException | LinkageError e) {
            // who needs it gets it from its parent, or hears the reason
        }
    }
}
