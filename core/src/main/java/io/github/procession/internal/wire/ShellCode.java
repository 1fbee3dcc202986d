package io.github.procession.internal.wire;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.instruction.ConstantInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDesc;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicConstantDesc;
import java.lang.invoke.SerializedLambda;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Finds the variables of a JShell session that code uses.
///
/// A shell makes a class of each snippet. What looks like a local variable there is a static field of such a class, which
/// no lambda captures and no other process knows: in a child, `x -> x + k` would quietly add 0. So the values of the
/// variables that a lambda or an object's class can reach travel along.
final class ShellCode {
    /*
     *   REPL.$JShell$11        a snippet: variables are its static fields, methods and lambda bodies its static methods
     *   REPL.$JShell$12$Point  a type that a snippet declares, or an anonymous class
     *
     * From the body of a lambda all that it mentions is followed: snippets by the method, since a snippet's do_it$ uses
     * what its lambdas do not; types as a whole, since what calls their methods may be anywhere. A static field that a
     * user's own type declares is no variable of the shell: it is initialized anew in each process, as in any program.
     */
    private static final String PREFIX = "REPL.$JShell$";

    /// Compiled when needed: most programs have no shell.
    private static final class Snippet {
        static final Pattern NAME = Pattern.compile("REPL/\\$JShell\\$\\w+");
    }

    private final ClassLoader loader;
    private final Map<String, ClassModel> models = new HashMap<>();
    private final Set<String> seen = new HashSet<>();
    private final ArrayDeque<MethodModel> todo = new ArrayDeque<>();
    private final Set<Field> variables = new LinkedHashSet<>();

    private ShellCode(ClassLoader loader) {
        this.loader = loader;
    }

    /// Whether a shell made the class.
    static boolean made(Class<?> type) {
        return type.getName().startsWith(PREFIX);
    }

    /// The variables that these lambdas, and whatever has these classes, can reach. The classes of the lambdas are among
    /// the classes.
    ///
    /// @throws IOException if code cannot be read, so that nobody knows
    static Set<Field> variables(Collection<SerializedLambda> lambdas, Collection<Class<?>> types) throws IOException {
        var variables = new LinkedHashSet<Field>();
        for (var type : types) {
            var code = new ShellCode(type.getClassLoader());
            String name = type.getName().replace('.', '/');
            if (Snippet.NAME.matcher(name).matches()) {
                for (var lambda : lambdas) {
                    if (lambda.getCapturingClass().equals(name)) {
                        code.method(lambda.getImplClass(), lambda.getImplMethodName(), lambda.getImplMethodSignature());
                    }
                }
            } else {
                code.type(name);
            }
            variables.addAll(code.followed());
        }
        return variables;
    }

    private Set<Field> followed() throws IOException {
        for (var method = todo.poll(); method != null; method = todo.poll()) {
            var code = method.code();
            if (code.isPresent()) {
                for (var element : code.get()) {
                    if (element instanceof Instruction instruction) {
                        follow(instruction);
                    }
                }
            }
        }
        return variables;
    }

    private void follow(Instruction instruction) throws IOException {
        switch (instruction) {
            case FieldInstruction field -> field(field);
            case InvokeInstruction call ->
                method(
                        call.owner().asInternalName(),
                        call.name().stringValue(),
                        call.type().stringValue());
            case InvokeDynamicInstruction call -> constants(call.bootstrapArgs());
            case NewObjectInstruction made -> type(made.className());
            case TypeCheckInstruction check -> type(check.type());
            case ConstantInstruction.LoadConstantInstruction load -> constant(load.constantValue());
            default -> {}
        }
    }

    private void field(FieldInstruction field) throws IOException {
        String owner = field.owner().asInternalName();
        if (!Snippet.NAME.matcher(owner).matches()) {
            type(owner);
        } else if (field.opcode() == Opcode.GETSTATIC) {
            variable(owner, field.name().stringValue());
        }
    }

    private void variable(String owner, String name) throws IOException {
        try {
            var field = Class.forName(owner.replace('/', '.'), false, loader).getDeclaredField(name);
            if (!field.isSynthetic() && !Modifier.isFinal(field.getModifiers())) {
                variables.add(field);
            }
        } catch (ReflectiveOperationException | LinkageError e) {
            throw new IOException("the shell's variable " + name + " cannot be found", e);
        }
    }

    private void constants(List<ConstantDesc> constants) throws IOException {
        for (var constant : constants) {
            constant(constant);
        }
    }

    private void constant(ConstantDesc constant) throws IOException {
        switch (constant) {
            case DirectMethodHandleDesc handle ->
                method(internalName(handle.owner()), handle.methodName(), handle.lookupDescriptor());
            case ClassDesc type when type.isClassOrInterface() -> type(internalName(type));
            case DynamicConstantDesc<?> dynamic -> constants(dynamic.bootstrapArgsList());
            default -> {}
        }
    }

    private static String internalName(ClassDesc type) {
        String descriptor = type.descriptorString();
        return descriptor.substring(1, descriptor.length() - 1);
    }

    private void method(String owner, String name, String descriptor) throws IOException {
        if (!Snippet.NAME.matcher(owner).matches()) {
            type(owner);
        } else if (seen.add(owner + "." + name + descriptor)) {
            for (var method : model(owner).methods()) {
                if (method.methodName().equalsString(name)
                        && method.methodType().equalsString(descriptor)) {
                    todo.add(method);
                }
            }
        }
    }

    private void type(ClassEntry entry) throws IOException {
        type(entry.asInternalName());
    }

    private void type(String name) throws IOException {
        if (name.startsWith(PREFIX.replace('.', '/'))
                && !Snippet.NAME.matcher(name).matches()
                && seen.add(name)) {
            var model = model(name);
            todo.addAll(model.methods());
            if (model.superclass().isPresent()) {
                type(model.superclass().get());
            }
            for (var contract : model.interfaces()) {
                type(contract);
            }
        }
    }

    private ClassModel model(String name) throws IOException {
        @Nullable ClassModel known = models.get(name);
        if (known == null) {
            try (var in = loader.getResourceAsStream(name + ".class")) {
                if (in == null) {
                    throw new IOException("the shell does not give the code of " + name.replace('/', '.'));
                }
                known = ClassFile.of().parse(in.readAllBytes());
            }
            models.put(name, known);
        }
        return known;
    }
}
