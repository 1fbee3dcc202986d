package io.github.procession.internal.binding;

import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.OutputStream;
import java.io.Serializable;
import java.lang.invoke.MethodHandleInfo;
import java.lang.invoke.MethodType;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a target takes.
///
/// @param label      what it is, for people: `Example::work`, or where its lambda stands
/// @param parameters in order
/// @param varargs    whether the last one collects what is left
public record Signature(String label, List<Parameter> parameters, boolean varargs) {
    /*
     * What stands behind a lambda or method reference is a method that takes, in this order,
     *
     *   its receiver, unless it is static or a constructor │ captured variables │ what the function takes
     *
     * and the first of these are bound when the lambda is made: as many as were captured. So the rest are the parameters,
     * whether the receiver is among the bound (obj::work), among the rest (Example::work), or not there.
     *
     * The function casts each argument to the type that it was declared with (SerializableConsumer<Integer>), then adapts
     * it to the method's: so that former type is what an argument must be; the method's own tells whether it may be null.
     */
    private static final String RECEIVER = "this";

    private static final String LAMBDA_IN = "the lambda in ";
    private static final Pattern LAMBDA = Pattern.compile("lambda\\$(.*?)(?:\\$[0-9a-f]{1,8})?\\$\\d+");

    /// The signature of a function.
    ///
    /// @param function a lambda, a method reference or an object
    /// @param shape    its interface
    public static Signature of(Serializable function, Class<?> shape) {
        var method = abstractMethod(shape);
        var lambda = Unwrapping.lambda(function);
        return lambda == null
                ? ofObject(function, method)
                : ofLambda(lambda, function.getClass().getClassLoader(), method);
    }

    private static Method abstractMethod(Class<?> shape) {
        return Arrays.stream(shape.getMethods())
                .filter(method -> Modifier.isAbstract(method.getModifiers()))
                .findFirst()
                .orElseThrow();
    }

    private static Signature ofLambda(SerializedLambda lambda, @Nullable ClassLoader loader, Method shape) {
        var declared = MethodType.fromMethodDescriptorString(lambda.getInstantiatedMethodType(), loader);
        var implementation = implementation(lambda, loader);
        if (implementation == null) {
            return new Signature(label(lambda), unnamed(declared.parameterArray()), false);
        }
        var all = new ArrayList<Parameter>();
        if (hasReceiver(lambda.getImplMethodKind())) {
            all.add(new Parameter(RECEIVER, implementation.getDeclaringClass()));
        }
        all.addAll(parameters(implementation));
        var taken = all.subList(lambda.getCapturedArgCount(), all.size());
        var parameters = new ArrayList<Parameter>();
        for (int i = 0; i < declared.parameterCount(); i++) {
            var parameter = taken.get(i);
            var type = declared.parameterType(i);
            parameters.add(new Parameter(
                    parameter.name(),
                    parameter.type().isPrimitive()
                            ? MethodType.methodType(type).unwrap().returnType()
                            : type));
        }
        return new Signature(label(lambda), parameters, implementation.isVarArgs() && shape.getParameterCount() > 0);
    }

    private static boolean hasReceiver(int kind) {
        return kind != MethodHandleInfo.REF_invokeStatic && kind != MethodHandleInfo.REF_newInvokeSpecial;
    }

    /// The method that does the work; null if it cannot be found.
    private static @Nullable Executable implementation(SerializedLambda lambda, @Nullable ClassLoader loader) {
        try {
            var type = Class.forName(lambda.getImplClass().replace('/', '.'), false, loader);
            var parameters = MethodType.fromMethodDescriptorString(lambda.getImplMethodSignature(), loader)
                    .parameterArray();
            if (lambda.getImplMethodKind() == MethodHandleInfo.REF_newInvokeSpecial) {
                return type.getDeclaredConstructor(parameters);
            }
            return hierarchy(type)
                    .flatMap(t -> declared(t, lambda.getImplMethodName(), parameters))
                    .findFirst()
                    .orElse(null);
        } catch (ReflectiveOperationException | LinkageError e) {
            return null;
        }
    }

    private static Stream<Method> declared(Class<?> type, String name, Class<?>... parameters) {
        try {
            return Stream.of(type.getDeclaredMethod(name, parameters));
        } catch (NoSuchMethodException e) {
            return Stream.empty();
        }
    }

    /// The class, its superclasses and their interfaces.
    private static Stream<Class<?>> hierarchy(Class<?> type) {
        var above = Stream.concat(Stream.ofNullable(type.getSuperclass()), Stream.of(type.getInterfaces()));
        return Stream.concat(Stream.of(type), above.flatMap(Signature::hierarchy));
    }

    private static String label(SerializedLambda lambda) {
        String type = lambda.getImplClass().replaceFirst(".*[/$]", "");
        String method = lambda.getImplMethodName();
        if (method.equals("<init>")) {
            return type + "::new";
        }
        var place = LAMBDA.matcher(method);
        return place.matches() ? LAMBDA_IN + type + "." + place.group(1) : type + "::" + method;
    }

    /// An object of a class of its own: the method of that class, not the bridge that casts.
    private static Signature ofObject(Serializable function, Method shape) {
        var own = hierarchy(function.getClass())
                .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
                .filter(method -> method.getName().equals(shape.getName())
                        && method.getParameterCount() == shape.getParameterCount()
                        && !method.isBridge()
                        && !Modifier.isAbstract(method.getModifiers())
                        && !Modifier.isStatic(method.getModifiers()))
                .toList();
        String label = Parameter.text(function.getClass()).replaceFirst(".*\\.", "") + "::" + shape.getName();
        return own.size() == 1
                ? new Signature(
                        label, parameters(own.getFirst()), own.getFirst().isVarArgs())
                : new Signature(label, unnamed(shape.getParameterTypes()), false);
    }

    private static List<Parameter> unnamed(Class<?>... types) {
        return Arrays.stream(types).map(type -> new Parameter(null, type)).toList();
    }

    /// The parameters of a method, with names if its class has them in one way or the other.
    private static List<Parameter> parameters(Executable method) {
        var declared = method.getParameters();
        var types = method.getParameterTypes();
        var locals = Arrays.stream(declared).allMatch(java.lang.reflect.Parameter::isNamePresent)
                ? null
                : LocalNames.of(method);
        var parameters = new ArrayList<Parameter>();
        for (int i = 0; i < types.length; i++) {
            String name = locals != null ? locals.get(i) : declared[i].isSynthetic() ? null : declared[i].getName();
            parameters.add(new Parameter(name, types[i]));
        }
        return parameters;
    }

    /// The same with these names.
    Signature named(List<String> names) {
        var named = new ArrayList<Parameter>();
        for (int i = 0; i < names.size(); i++) {
            named.add(parameters.get(i).named(names.get(i)));
        }
        return new Signature(label, named, varargs);
    }

    /// What makes a compiler keep the names; it has them of methods in two places, of lambdas in one.
    String compilerFlags() {
        return label.startsWith(LAMBDA_IN) ? "-g" : "-parameters or -g";
    }

    boolean hasNames() {
        return parameters.stream().noneMatch(parameter -> parameter.name() == null);
    }

    /// As in `Example::work(int n, String label)`.
    @Override
    public String toString() {
        var text = parameters.stream().map(Parameter::toString).collect(Collectors.joining(", ", "(", ")"));
        return label + (varargs ? text.replaceFirst("\\[](?=[^,\\[\\]]*$)", "...") : text);
    }

    /// Learns what a lambda is made of, as serialization does, which may where reflection may not.
    private static final class Unwrapping extends ObjectOutputStream {
        private @Nullable SerializedLambda lambda;

        private Unwrapping() throws IOException {
            super(OutputStream.nullOutputStream());
            enableReplaceObject(true);
        }

        /// What stands for the function; null if it is no lambda.
        static @Nullable SerializedLambda lambda(Serializable function) {
            try (var out = new Unwrapping()) {
                out.writeObject(function);
                return out.lambda;
            } catch (IOException e) {
                throw new IllegalStateException("nothing is written anywhere", e);
            }
        }

        @Override
        protected Object replaceObject(Object object) {
            if (object instanceof SerializedLambda found) {
                lambda = found;
            }
            return ""; // what is in it does not matter here
        }
    }
}
