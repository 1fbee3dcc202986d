package io.github.procession.internal.binding;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.procession.testing.Fuzz;
import java.lang.invoke.MethodType;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// Random arguments for random parameters: each parameter gets the one argument that is meant for it, as the language would
/// pass it, or the binding is refused with a word on what is wrong. The rules are written here once more.
class ArgumentsFuzzTest {
    private static final List<Class<?>> TYPES = List.of(
            byte.class,
            short.class,
            char.class,
            int.class,
            long.class,
            float.class,
            double.class,
            boolean.class,
            Integer.class,
            Long.class,
            Double.class,
            Number.class,
            String.class,
            CharSequence.class,
            Comparable.class,
            Object.class,
            int[].class);
    private static final List<Class<?>> BY_WIDTH =
            List.of(byte.class, short.class, int.class, long.class, float.class, double.class);
    private static final List<String> NAMES = List.of("n", "label", "", "this", "größe", "N");

    private static Object argument(Fuzz fuzz) {
        var random = fuzz.random();
        return switch (random.nextInt(14)) {
            case 0 -> null;
            case 1 -> (byte) random.nextInt();
            case 2 -> (short) random.nextInt();
            case 3 -> (char) random.nextInt();
            case 4 -> random.nextInt();
            case 5 -> random.nextLong();
            case 6 -> random.nextFloat();
            case 7 -> random.nextDouble();
            case 8 -> random.nextBoolean();
            case 9 -> new int[random.nextInt(3)];
            case 10 -> new StringBuilder("builder");
            case 11 -> List.of();
            case 12 -> fuzz.<Object>any(Double.NaN, Long.MIN_VALUE, Integer.MAX_VALUE, -0.0f);
            default -> "text";
        };
    }

    private static Signature signature(Fuzz fuzz) {
        int count = fuzz.random().nextInt(4);
        boolean named = fuzz.random().nextInt(10) > 0;
        var names = new ArrayList<>(NAMES);
        var parameters = new ArrayList<Parameter>();
        for (int i = 0; i < count; i++) {
            String name = names.remove(fuzz.random().nextInt(names.size()));
            parameters.add(
                    new Parameter(named ? name : null, TYPES.get(fuzz.random().nextInt(TYPES.size()))));
        }
        boolean varargs = count > 0 && fuzz.random().nextInt(4) == 0;
        if (varargs) {
            var type = fuzz.<Class<?>>any(int[].class, long[].class, Object[].class, String[].class);
            parameters.set(count - 1, new Parameter(parameters.getLast().name(), type));
        }
        return new Signature("Fuzz::target", parameters, varargs);
    }

    private static Class<?> unboxed(Object argument) {
        return MethodType.methodType(argument.getClass()).unwrap().returnType();
    }

    private static boolean fits(Object argument, Class<?> type) {
        if (!type.isPrimitive()) {
            return argument == null || type.isInstance(argument);
        }
        if (argument == null) {
            return false;
        }
        var own = unboxed(argument);
        int from = BY_WIDTH.indexOf(own == char.class ? short.class : own);
        return own == type || (from >= 0 && BY_WIDTH.indexOf(type) > from);
    }

    private static Object passed(Object argument, Class<?> type) {
        if (!type.isPrimitive() || argument == null || unboxed(argument) == type) {
            return argument;
        }
        Number number = argument instanceof Character c ? Integer.valueOf(c) : (Number) argument;
        if (type == short.class) {
            return number.shortValue();
        } else if (type == int.class) {
            return number.intValue();
        } else if (type == long.class) {
            return number.longValue();
        } else if (type == float.class) {
            return number.floatValue();
        }
        return number.doubleValue();
    }

    /// What each parameter should get; null if something is wrong.
    private static List<Object> meant(Signature target, List<Object> positional, Map<String, Object> named) {
        var parameters = target.parameters();
        int count = parameters.size();
        if (!named.isEmpty() && !target.hasNames()) {
            return null;
        }
        if (target.varargs() && positional.size() >= count) {
            var array = parameters.getLast().type();
            var rest = positional.subList(count - 1, positional.size());
            boolean itself = rest.size() == 1 && (rest.getFirst() == null || array.isInstance(rest.getFirst()));
            if (!itself) {
                var element = array.componentType();
                if (!rest.stream().allMatch(each -> fits(each, element))) {
                    return null;
                }
                var whole = new ArrayList<>(positional.subList(0, count - 1));
                whole.add(arrayOf(element, rest));
                return meant(new Signature(target.label(), parameters, false), whole, named);
            }
        }
        var meant = new ArrayList<Object>();
        var used = new HashSet<String>();
        for (int i = 0; i < count; i++) {
            var parameter = parameters.get(i);
            boolean byPosition = i < positional.size();
            boolean byName = parameter.name() != null && named.containsKey(parameter.name());
            if (byPosition && byName) {
                return null;
            }
            if (byPosition || byName) {
                var argument = byPosition ? positional.get(i) : named.get(parameter.name());
                if (!fits(argument, parameter.type())) {
                    return null;
                }
                used.add(parameter.name());
                meant.add(passed(argument, parameter.type()));
            } else if (target.varargs() && i == count - 1) {
                meant.add(Array.newInstance(parameter.type().componentType(), 0));
            } else {
                return null;
            }
        }
        return positional.size() <= count && used.containsAll(named.keySet()) ? meant : null;
    }

    private static Object arrayOf(Class<?> element, List<Object> values) {
        var array = Array.newInstance(element, values.size());
        for (int i = 0; i < values.size(); i++) {
            Array.set(array, i, passed(values.get(i), element));
        }
        return array;
    }

    @Test
    void eachParameterGetsWhatIsMeantForItOrTheErrorSaysWhy() {
        var fuzz = Fuzz.of("eachParameterGetsWhatIsMeantForItOrTheErrorSaysWhy", 60_000);
        int fitted = 0;
        while (fuzz.next()) {
            var target = signature(fuzz);
            var positional = new ArrayList<Object>();
            for (int n = fuzz.random().nextInt(target.parameters().size() + 2); n > 0; n--) {
                positional.add(argument(fuzz));
            }
            var named = new HashMap<String, Object>();
            for (int n = fuzz.random().nextInt(3); n > 1; n--) {
                named.put(NAMES.get(fuzz.random().nextInt(NAMES.size())), argument(fuzz));
            }
            for (int i = positional.size(); i < target.parameters().size(); i++) { // mostly those that are missing
                var name = target.parameters().get(i).name();
                if (name != null && fuzz.random().nextInt(4) > 0) {
                    named.put(name, argument(fuzz));
                }
            }
            var meant = meant(target, positional, named);
            var what = "%s: %s with %s and %s".formatted(fuzz, target, positional, named);
            var binding = new Arguments(positional, named, null).bind(target);
            if (binding instanceof Binding.Fit fit) {
                fitted++;
                assertThat(meant).as(what).isNotNull();
                assertThat(Objects.deepEquals(fit.arguments().toArray(), meant.toArray()))
                        .as("%s gives %s instead of %s", what, fit.arguments(), meant)
                        .isTrue();
            } else if (binding instanceof Binding.Misfit misfit) {
                assertThat(meant).as("%s: %s", what, misfit.why()).isNull();
                assertThat(misfit.why()).as(what).contains(target.toString());
            }
        }
        assertThat(fitted).isGreaterThan(1_000);
    }

    @Test
    void namesGivenByTheProgramAreCheckedToo() {
        var fuzz = Fuzz.of("namesGivenByTheProgramAreCheckedToo", 10_000);
        while (fuzz.next()) {
            var target = signature(fuzz);
            var names = new ArrayList<String>();
            for (int n = fuzz.random().nextInt(5); n > 0; n--) {
                names.add(NAMES.get(fuzz.random().nextInt(NAMES.size())));
            }
            boolean right = names.size() == target.parameters().size() && new HashSet<>(names).size() == names.size();
            var positional = new ArrayList<Object>();
            target.parameters().forEach(_ -> positional.add(argument(fuzz)));
            var meant = right ? meant(target.named(names), positional, Map.of()) : null;
            boolean fits = new Arguments(positional, Map.of(), names).bind(target) instanceof Binding.Fit;
            assertThat(fits).as("%s: %s, %s", fuzz, target, names).isEqualTo(meant != null);
        }
    }
}
