package io.github.procession.internal.binding;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The names of parameters from the table of local variables that a compiler writes for debuggers (`-g`).
final class LocalNames {
    private LocalNames() {}

    /// One name for each parameter, null where there is none.
    static List<@Nullable String> of(Executable method) {
        var table = table(method);
        var names = new ArrayList<@Nullable String>();
        int slot = Modifier.isStatic(method.getModifiers()) ? 0 : 1;
        for (var type : method.getParameterTypes()) {
            names.add(table.get(slot));
            slot += type.equals(long.class) || type.equals(double.class) ? 2 : 1;
        }
        return names;
    }

    /// Names by slot of what is a variable from the first instruction on.
    private static Map<Integer, String> table(Executable method) {
        var names = new HashMap<Integer, String>();
        byte[] bytes = bytes(method.getDeclaringClass());
        if (bytes != null) {
            ClassFile.of().parse(bytes).methods().stream()
                    .filter(candidate -> isSame(candidate, method))
                    .flatMap(found -> found.findAttribute(Attributes.code()).stream())
                    .flatMap(code -> code.findAttribute(Attributes.localVariableTable()).stream())
                    .flatMap(table -> table.localVariables().stream())
                    .filter(variable -> variable.startPc() == 0)
                    .forEach(variable ->
                            names.put(variable.slot(), variable.name().stringValue()));
        }
        return names;
    }

    private static byte @Nullable [] bytes(Class<?> type) {
        String name = type.getName();
        try (var in = type.getResourceAsStream(name.substring(name.lastIndexOf('.') + 1) + ".class")) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            return null;
        }
    }

    private static boolean isSame(MethodModel candidate, Executable method) {
        String name = method instanceof Method ? method.getName() : "<init>";
        return candidate.methodName().equalsString(name)
                && candidate.methodTypeSymbol().parameterList().stream()
                        .map(type -> type.descriptorString())
                        .toList()
                        .equals(descriptors(method));
    }

    private static List<String> descriptors(Executable method) {
        return List.of(method.getParameterTypes()).stream()
                .map(Class::descriptorString)
                .toList();
    }
}
