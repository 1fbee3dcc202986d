package io.github.procession.tools;

import io.github.procession.SharedQueue;
import io.github.procession.function.SerializableCallable;
import java.io.PrintWriter;
import java.io.Serializable;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a worker does for one input of `procession map`.
///
/// @param reference the method
/// @param input     what it gets
/// @param attempt   which attempt this is
/// @param begun     gets that number when the attempt begins; null if nobody wants to know
record MapTask(
        MethodReference reference,
        String input,
        long attempt,
        @Nullable SharedQueue<Long> begun) implements SerializableCallable<MapTask.Answer> {
    /*
     * Results and exceptions go back as text: neither needs to be serializable, and no class of the user's has to be loaded
     * in the process that prints them. Here they come from the worker's own class path.
     */
    private static final Map<MethodReference, Method> METHODS = new ConcurrentHashMap<>();
    private static final int MOST_LINES = 40;

    /// What has become of an input.
    sealed interface Answer extends Serializable {
        /// A result, as text.
        record Value(String text) implements Answer {}

        /// The method returned and has no result.
        record Done() implements Answer {}

        /// The method threw.
        ///
        /// @param trace exception, frames down to the method, causes
        record Threw(String trace) implements Answer {}
    }

    @Override
    public Answer call() throws InterruptedException {
        if (begun != null) {
            begun.put(attempt);
        }
        try {
            var method = METHODS.get(reference);
            if (method == null) {
                method = reference.resolve(MapTask.class.getClassLoader());
                METHODS.put(reference, method);
            }
            Object result = method.invoke(null, MethodReference.arguments(method, input));
            return method.getReturnType() == void.class
                    ? new Answer.Done()
                    : new Answer.Value(MethodReference.text(result));
        } catch (InvocationTargetException e) {
            return new Answer.Threw(trace(e.getCause() == null ? e : e.getCause()));
        } catch (Throwable e) { // of the class's initializer, of the input as a path, of the result's toString
            return new Answer.Threw(trace(e));
        }
    }

    private static String trace(Throwable thrown) {
        try {
            shorten(thrown, Collections.newSetFromMap(new IdentityHashMap<>()));
            var text = new StringWriter();
            thrown.printStackTrace(new PrintWriter(text));
            var lines = text.toString().lines().toList();
            return lines.size() <= MOST_LINES
                    ? String.join("\n", lines)
                    : lines.stream().limit(MOST_LINES).collect(Collectors.joining("\n"))
                            + "\n\t... and %d more lines".formatted(lines.size() - MOST_LINES);
        } catch (RuntimeException | StackOverflowError e) { // an exception that cannot even say what it is
            return thrown.getClass().getName();
        }
    }

    /// Leaves out the frames below the method: they are the same for all inputs.
    private static void shorten(Throwable thrown, Set<Throwable> seen) {
        if (!seen.add(thrown)) {
            return;
        }
        var frames = thrown.getStackTrace();
        int end = frames.length;
        while (end > 0 && !isOurs(frames[end - 1])) {
            end--;
        }
        if (end == 0) {
            end = frames.length; // thrown by another thread
        }
        while (end > 0 && (isOurs(frames[end - 1]) || isReflection(frames[end - 1].getClassName()))) {
            end--;
        }
        thrown.setStackTrace(Arrays.copyOf(frames, end));
        if (thrown.getCause() != null) {
            shorten(thrown.getCause(), seen);
        }
        for (var suppressed : thrown.getSuppressed()) {
            shorten(suppressed, seen);
        }
    }

    private static boolean isOurs(StackTraceElement frame) {
        return frame.getClassName().equals(MapTask.class.getName());
    }

    private static boolean isReflection(String type) {
        return type.startsWith("jdk.internal.reflect.")
                || type.startsWith("java.lang.reflect.")
                || type.startsWith("java.lang.invoke.");
    }
}
