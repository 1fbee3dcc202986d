package io.github.procession.examples.sources;

import io.github.procession.examples.sources.Totals.Method;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.LineNumber;
import java.lang.reflect.AccessFlag;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The classes of the running JDK, for one that came without its sources. What counts as a line is one that has code and
/// that the class names, for debuggers; a JDK that was stripped of these has none, and no longest method.
public record ClassImage() implements Corpus {
    private static final FileSystem IMAGE = FileSystems.getFileSystem(URI.create("jrt:/"));

    @Override
    public String place() {
        return "the class image of " + System.getProperty("java.home");
    }

    @Override
    public List<String> names() throws IOException {
        try (var files = Files.walk(IMAGE.getPath("/modules"))) {
            return files.map(Path::toString)
                    .filter(name -> name.endsWith(".class") && !name.endsWith("/module-info.class"))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public Totals count(List<String> names) throws IOException {
        var totals = Totals.NONE;
        for (var name : names) {
            var type = ClassFile.of().parse(Files.readAllBytes(IMAGE.getPath(name)));
            totals = totals.plus(count(name, type));
        }
        return totals;
    }

    private static Totals count(String file, ClassModel type) {
        var linesOfType = new BitSet();
        long methods = 0;
        Method longest = null;
        for (var method : type.methods()) {
            if (!isWritten(method)) {
                continue;
            }
            methods++;
            var lines = lines(method);
            linesOfType.or(lines);
            longest = Method.longer(longest, method(file, type, method, lines));
        }
        return new Totals(1, 1, methods, linesOfType.cardinality(), longest);
    }

    private static boolean isWritten(MethodModel method) {
        return !method.flags().has(AccessFlag.SYNTHETIC) && !method.methodName().equalsString("<clinit>");
    }

    private static BitSet lines(MethodModel method) {
        var lines = new BitSet();
        method.code()
                .ifPresent(code -> code.forEach(element -> {
                    if (element instanceof LineNumber number) {
                        lines.set(number.line());
                    }
                }));
        return lines;
    }

    private static @Nullable Method method(String file, ClassModel type, MethodModel method, BitSet lines) {
        if (lines.isEmpty()) {
            return null;
        }
        var binaryName = type.thisClass().asInternalName();
        var simpleName = binaryName.substring(binaryName.lastIndexOf('/') + 1).replace('$', '.');
        return new Method(simpleName + "." + method.methodName().stringValue(), file, lines.cardinality());
    }
}
