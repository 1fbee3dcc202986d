package io.github.procession.examples.sources;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import io.github.procession.examples.sources.Totals.Method;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.lang.model.element.Name;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/// Java sources in a zip file, parsed by the compiler's own parser. Nothing is resolved, so nothing but the file itself is
/// needed.
///
/// @param zip path of the zip file
public record SourceZip(String zip) implements Corpus {
    /*
     * The trees of a batch live until the batch has been counted: a hundred files of the JDK take some tens of megabytes.
     * Zip file, compiler and file manager are made once in each process and serve until it ends.
     */
    private static final Map<String, ZipFile> OPEN = new ConcurrentHashMap<>();

    private static final class Javac {
        static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();
        static final StandardJavaFileManager FILES = COMPILER.getStandardFileManager(null, null, null);
    }

    @Override
    public String place() {
        return zip;
    }

    @Override
    public List<String> names() throws IOException {
        return open().stream()
                .map(ZipEntry::getName)
                .filter(name -> name.endsWith(".java"))
                .sorted()
                .toList();
    }

    @Override
    public Totals count(List<String> names) throws IOException {
        var sources = new ArrayList<Source>();
        for (var name : names) {
            sources.add(new Source(name, text(name)));
        }
        var options = List.of("-proc:none");
        // mistakes in the sources are none of our business: we count what the parser made of them
        var task = (JavacTask) Javac.COMPILER.getTask(null, Javac.FILES, mistake -> {}, options, null, sources);
        var positions = Trees.instance(task).getSourcePositions();
        var totals = Totals.NONE;
        for (var unit : task.parse()) {
            totals = totals.plus(new Counter(unit, positions).count());
        }
        return totals;
    }

    private String text(String name) throws IOException {
        var file = open();
        var entry = file.getEntry(name);
        if (entry == null) {
            throw new FileNotFoundException(name + " is not in " + zip);
        }
        try (var in = file.getInputStream(entry)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private ZipFile open() throws IOException {
        try {
            return OPEN.computeIfAbsent(zip, path -> {
                try {
                    return new ZipFile(path);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String name;
        private final String text;

        Source(String name, String text) {
            super(URI.create("zip:///"), Kind.SOURCE);
            this.name = name;
            this.text = text;
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }

    private static final class Counter extends TreeScanner<@Nullable Void, @Nullable Void> {
        private final CompilationUnitTree unit;
        private final SourcePositions positions;
        private final Deque<Name> enclosing = new ArrayDeque<>();
        private long types;
        private long methods;
        private @Nullable Method longest;

        Counter(CompilationUnitTree unit, SourcePositions positions) {
            this.unit = unit;
            this.positions = positions;
        }

        Totals count() throws IOException {
            scan(unit, null);
            var text = unit.getSourceFile().getCharContent(true).toString();
            return new Totals(1, types, methods, text.lines().count(), longest);
        }

        @Override
        public @Nullable Void visitClass(ClassTree type, @Nullable Void none) {
            types++;
            enclosing.addLast(type.getSimpleName());
            super.visitClass(type, null);
            enclosing.removeLast();
            return null;
        }

        @Override
        public @Nullable Void visitMethod(MethodTree method, @Nullable Void none) {
            methods++;
            longest = Method.longer(
                    longest, new Method(name(method), unit.getSourceFile().getName(), lines(method)));
            return super.visitMethod(method, null);
        }

        private String name(MethodTree method) {
            var types = enclosing.stream()
                    .map(name -> name.isEmpty() ? "(anonymous)" : name)
                    .toList();
            return String.join(".", types) + "." + method.getName();
        }

        private long lines(Tree tree) {
            var map = unit.getLineMap();
            long start = positions.getStartPosition(unit, tree);
            long end = positions.getEndPosition(unit, tree);
            return end < start ? 0 : map.getLineNumber(end) - map.getLineNumber(start) + 1;
        }
    }
}
