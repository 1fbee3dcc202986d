package io.github.procession.internal.binding;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Arguments for a target, by position and by name.
///
/// @param positional for the first parameters
/// @param named      for others
/// @param names      of all parameters, if the program gives them; else null
public record Arguments(
        List<@Nullable Object> positional,
        Map<String, ? extends @Nullable Object> named,
        @Nullable List<String> names) {

    /// Finds a parameter for each argument and an argument for each parameter, converting as a method call does.
    public Binding bind(Signature target) {
        var misfit = names == null ? null : misnamed(target, names);
        if (misfit != null) {
            return misfit;
        }
        var signature = names == null ? target : target.named(names);
        if (!named.isEmpty() && !signature.hasNames()) {
            return nameless(signature);
        }
        return new Attempt(signature).run();
    }

    private static Binding.@Nullable Misfit misnamed(Signature target, List<String> names) {
        String call = names.stream().collect(Collectors.joining("\", \"", "parameters(\"", "\")"));
        if (names.size() != target.parameters().size()) {
            return new Binding.Misfit("%s names %s, and %s has %s"
                    .formatted(
                            call,
                            count(names.size(), "parameter"),
                            target,
                            target.parameters().size()));
        }
        return new HashSet<>(names).size() == names.size()
                ? null
                : new Binding.Misfit(call + " gives one name to two parameters");
    }

    private Binding.Misfit nameless(Signature target) {
        return new Binding.Misfit(
                "kwargs: the names of the parameters of %s are not known, so that %s cannot be found. Its class was compiled without them: compile it with %s, or name all %d in order with parameters(\"...\")"
                        .formatted(
                                target,
                                String.join(", ", new TreeMap<>(named).keySet()),
                                target.compilerFlags(),
                                target.parameters().size()));
    }

    private static String count(int number, String what) {
        return number == 1 ? "1 " + what : number + " " + what + "s";
    }

    /// One attempt to bind, with all that is wrong in it.
    private final class Attempt {
        private final Signature target;
        private final List<Parameter> parameters;
        private final @Nullable Object[] bound;
        private final boolean[] given;
        private final List<String> wrong = new ArrayList<>();

        Attempt(Signature target) {
            this.target = target;
            this.parameters = target.parameters();
            this.bound = new Object[parameters.size()];
            this.given = new boolean[parameters.size()];
        }

        Binding run() {
            if (!bindPositions()) {
                return misfit();
            }
            new TreeMap<>(named).forEach(this::bindName);
            for (int i = 0; i < given.length; i++) {
                if (!given[i]) {
                    bindMissing(i);
                }
            }
            if (wrong.isEmpty()) {
                return new Binding.Fit(Arrays.asList(bound));
            }
            return misfit();
        }

        private Binding misfit() {
            String separator = wrong.size() == 1 ? " " : "\n  ";
            return new Binding.Misfit(
                    "Cannot call %s:%s%s".formatted(target, separator, String.join(separator, wrong)));
        }

        /// @return whether there are not too many
        private boolean bindPositions() {
            int last = parameters.size() - 1;
            boolean collects = target.varargs() && positional.size() > last && !isArrayItself(last);
            if (!collects && positional.size() > parameters.size()) {
                wrong.add("it takes %s, and args gives %d"
                        .formatted(count(parameters.size(), "argument"), positional.size()));
                return false;
            }
            int single = collects ? last : positional.size();
            for (int i = 0; i < single; i++) {
                bind(i, positional.get(i), parameters.get(i).type());
            }
            if (collects) {
                collect(last);
            }
            return true;
        }

        /// Whether the only argument for the last parameter is an array for it, not an element.
        private boolean isArrayItself(int last) {
            return positional.size() == last + 1
                    && (positional.get(last) == null
                            || parameters.get(last).type().isInstance(positional.get(last)));
        }

        private void collect(int last) {
            var element = parameters.get(last).type().componentType();
            var rest = positional.subList(last, positional.size());
            Object array = Array.newInstance(element, rest.size());
            given[last] = true;
            for (int i = 0; i < rest.size(); i++) {
                if (check(last, rest.get(i), element)) {
                    Array.set(array, i, converted(rest.get(i), element));
                }
            }
            bound[last] = array;
        }

        private void bindName(String name, @Nullable Object argument) {
            int i = 0;
            while (i < parameters.size() && !name.equals(parameters.get(i).name())) {
                i++;
            }
            if (i == parameters.size()) {
                wrong.add("it has no parameter %s, which kwargs gives".formatted(name));
            } else if (given[i]) {
                wrong.add("%s is given twice: by args, as number %d, and by kwargs".formatted(name, i + 1));
            } else {
                bind(i, argument, parameters.get(i).type());
            }
        }

        private void bindMissing(int i) {
            if (target.varargs() && i == parameters.size() - 1) {
                bound[i] = Array.newInstance(parameters.get(i).type().componentType(), 0);
            } else {
                wrong.add("there is no argument for " + title(i));
            }
        }

        private void bind(int i, @Nullable Object argument, Class<?> type) {
            given[i] = true;
            if (check(i, argument, type)) {
                bound[i] = converted(argument, type);
            }
        }

        private String title(int i) {
            String name = parameters.get(i).name();
            return name == null ? "parameter " + (i + 1) : name;
        }

        private boolean check(int i, @Nullable Object argument, Class<?> type) {
            if (argument == null && type.isPrimitive()) {
                wrong.add("%s is a primitive %s, and its argument is null".formatted(title(i), type));
                return false;
            }
            if (argument == null || isConvertible(argument, type)) {
                return true;
            }
            wrong.add("%s takes %s, and its argument is of type %s"
                    .formatted(title(i), Parameter.text(type), Parameter.text(argument.getClass())));
            return false;
        }

        private static boolean isConvertible(Object argument, Class<?> type) {
            if (!type.isPrimitive()) {
                return type.isInstance(argument);
            }
            try {
                Object _ = converted(argument, type);
                return true;
            } catch (ClassCastException e) {
                return false;
            }
        }

        /// Unboxed, widened and boxed again, as far as a method call would do it.
        private static @Nullable Object converted(@Nullable Object argument, Class<?> type) {
            if (!type.isPrimitive()) {
                return argument;
            }
            try {
                var conversion = MethodHandles.identity(type).asType(MethodType.genericMethodType(1));
                return conversion.invokeExact(argument);
            } catch (ClassCastException e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
