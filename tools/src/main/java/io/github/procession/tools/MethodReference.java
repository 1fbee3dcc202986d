package io.github.procession.tools;

import java.io.Serializable;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A static method that takes one `String` or `Path`, by names alone, so that it means the same in every process.
///
/// @param type       binary name of the class that declares it
/// @param method     its name
/// @param descriptor its parameters and result, as class files have them
record MethodReference(String type, String method, String descriptor) implements Serializable {
    /*
     * What fits is what Java would take for a Function<String, …> or a Function<Path, …>: the parameter is a String, else a
     * Path, else a type that every String has; a method with nothing but optional arguments after it (`Path::of`) is taken
     * if there is none without.
     */
    private static final String SEPARATOR = "::";
    private static final List<Class<?>> TAKEN = List.of(String.class, Path.class, CharSequence.class, Object.class);
    private static final int MOST_LISTED = 12;

    /// Finds a method.
    ///
    /// @param reference   as in `java.lang.Integer::parseInt`
    /// @param userClasses where to look for the class
    /// @throws IllegalArgumentException if there is no such method; the message says what there is
    static MethodReference find(String reference, UserClasses userClasses) {
        int end = reference.indexOf(SEPARATOR);
        if (end <= 0 || end + SEPARATOR.length() == reference.length()) {
            throw new IllegalArgumentException(
                    "%s: a method is written as some.Class::method%s".formatted(reference, likely(reference)));
        }
        var name = reference.substring(end + SEPARATOR.length());
        var type = userClasses.find(reference.substring(0, end));
        var methods = methods(type);
        var best = methods.stream()
                .filter(method -> method.getName().equals(name))
                .filter(method -> rank(method) >= 0)
                .min(Comparator.comparingInt(MethodReference::rank))
                .orElseThrow(() -> new IllegalArgumentException(missing(type, name, methods)));
        return new MethodReference(best.getDeclaringClass().getName(), name, descriptor(best));
    }

    private static String likely(String reference) {
        int dot = reference.lastIndexOf('.');
        return !reference.contains(":") && dot > 0 && dot < reference.length() - 1
                ? "; did you mean " + reference.substring(0, dot) + SEPARATOR + reference.substring(dot + 1) + "?"
                : "";
    }

    /// The methods of a class and, as the compiler finds static ones there too, of those above it.
    private static List<Method> methods(Class<?> type) {
        var methods = new ArrayList<Method>();
        try {
            for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
                methods.addAll(List.of(c.getDeclaredMethods()));
            }
        } catch (LinkageError e) { // a class that a signature mentions
            throw new IllegalArgumentException(
                    "%s: its methods cannot be read: %s; add what is missing to --class-path"
                            .formatted(type.getName(), e),
                    e);
        }
        methods.removeIf(Method::isSynthetic);
        return methods;
    }

    /// How well a method fits: 0 is best, negative is not at all.
    private static int rank(Method method) {
        if (!Modifier.isStatic(method.getModifiers()) || !method.trySetAccessible()) {
            return -1;
        }
        var parameters = method.getParameterTypes();
        int optional = TAKEN.size();
        return switch (parameters.length) {
            case 1 ->
                method.isVarArgs() && parameters[0] == String[].class ? 2 * optional : TAKEN.indexOf(parameters[0]);
            case 2 ->
                method.isVarArgs() && TAKEN.contains(parameters[0]) ? optional + TAKEN.indexOf(parameters[0]) : -1;
            default -> -1;
        };
    }

    private static String missing(Class<?> type, String name, List<Method> methods) {
        var reasons = methods.stream()
                .filter(method -> method.getName().equals(name))
                .map(method -> "\n  " + signature(method) + " " + reason(method))
                .distinct()
                .limit(MOST_LISTED)
                .collect(Collectors.joining());
        var message = reasons.isEmpty()
                ? "%s has no method %s".formatted(type.getName(), name)
                : "%s has no static method %s of one String or Path:%s".formatted(type.getName(), name, reasons);
        var fitting = listed(methods.stream().filter(method -> rank(method) >= 0));
        if (fitting.isPresent()) {
            return message + "\n  what it has of that kind: " + fitting.get();
        }
        return message + "\n  it has no static method of one String or Path"
                + listed(methods.stream().filter(method -> !method.getName().equals(name)))
                        .map(others -> "; its methods are " + others)
                        .orElse("");
    }

    private static Optional<String> listed(Stream<Method> methods) {
        var all = methods.map(MethodReference::signature).distinct().sorted().toList();
        return all.isEmpty()
                ? Optional.empty()
                : Optional.of(String.join(", ", all.subList(0, Math.min(MOST_LISTED, all.size())))
                        + (all.size() > MOST_LISTED ? ", and %d more".formatted(all.size() - MOST_LISTED) : ""));
    }

    private static String reason(Method method) {
        var parameters = method.getParameterTypes();
        if (!Modifier.isStatic(method.getModifiers())) {
            return "is not static";
        }
        if (parameters.length != 1) {
            return "takes %s arguments".formatted(parameters.length == 0 ? "no" : parameters.length);
        }
        return TAKEN.contains(parameters[0])
                ? "is not open to other modules"
                : "takes one " + parameters[0].getSimpleName();
    }

    private static String signature(Method method) {
        var names =
                Stream.of(method.getParameterTypes()).map(Class::getSimpleName).collect(Collectors.joining(", "));
        return method.getName() + "("
                + (method.isVarArgs() ? names.substring(0, names.length() - "[]".length()) + "..." : names) + ")";
    }

    private static String descriptor(Method method) {
        return MethodType.methodType(method.getReturnType(), method.getParameterTypes())
                .toMethodDescriptorString();
    }

    // ---- in a worker -----------------------------------------------------------------------------------------------

    /// The method in this process.
    ///
    /// @param loader where to look for the class
    Method resolve(ClassLoader loader) throws ClassNotFoundException {
        var found = Stream.of(Class.forName(type, true, loader).getDeclaredMethods())
                .filter(m -> m.getName().equals(method) && descriptor(m).equals(descriptor))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "%s has no %s%s here: another version of the class comes first on the class path of the worker"
                                .formatted(type, method, descriptor)));
        found.setAccessible(true);
        return found;
    }

    /// What to call a method with for one input.
    static @Nullable Object[] arguments(Method method, String input) {
        var parameters = method.getParameterTypes();
        if (parameters[0] == String[].class) {
            return new Object[] {new String[] {input}};
        }
        Object first = parameters[0] == Path.class ? Path.of(input) : input;
        return parameters.length == 1
                ? new Object[] {first}
                : new Object[] {first, Array.newInstance(parameters[1].componentType(), 0)};
    }

    /// A result as text: what `String.valueOf` says, and the elements of an array.
    static String text(@Nullable Object result) {
        if (result == null || !result.getClass().isArray()) {
            return String.valueOf(result);
        }
        var inBrackets = Arrays.deepToString(new Object[] {result});
        return inBrackets.substring(1, inBrackets.length() - 1);
    }
}
