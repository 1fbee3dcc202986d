package io.github.procession.tools;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.jspecify.annotations.Nullable;

/// The classes of whoever uses the command line: a class path, and a loader of what is on it.
final class UserClasses implements AutoCloseable {
    private static final String CLASS_FILE = ".class";
    private static final int MOST_LISTED = 8;

    private final List<Path> entries;
    private final URLClassLoader loader;

    private UserClasses(List<Path> entries) {
        this.entries = entries;
        this.loader = new URLClassLoader(
                entries.stream().map(UserClasses::url).toArray(URL[]::new), UserClasses.class.getClassLoader());
    }

    /// A class path as for `java`: entries with a colon between them, `directory/*` for all jar files there. By default
    /// that of the variable `CLASSPATH`, or the current directory, and then entries that are not there do no harm.
    ///
    /// @throws IllegalArgumentException if an entry is not there
    static UserClasses on(@Nullable String classPath) {
        return classPath == null ? byDefault() : new UserClasses(expanded(classPath));
    }

    private static UserClasses byDefault() {
        var variable = System.getenv("CLASSPATH");
        return new UserClasses(expanded(variable == null || variable.isEmpty() ? "." : variable).stream()
                .filter(Files::exists)
                .toList());
    }

    private static List<Path> expanded(String classPath) {
        var entries = new ArrayList<Path>();
        for (var entry : classPath.split(File.pathSeparator, -1)) {
            if (entry.equals("*") || entry.endsWith(File.separator + "*")) {
                entries.addAll(jars(Path.of(entry.substring(0, entry.length() - 1))));
            } else {
                entries.add(path(entry.isEmpty() ? "." : entry));
            }
        }
        return entries;
    }

    private static Path path(String entry) {
        try {
            return Path.of(entry).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("%s: this is no path: %s".formatted(entry, e.getMessage()), e);
        }
    }

    private static List<Path> jars(Path folder) {
        try (var files = Files.list(folder)) {
            return files.filter(file -> file.toString().toLowerCase(Locale.ROOT).endsWith(".jar"))
                    .map(file -> file.toAbsolutePath().normalize())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new IllegalArgumentException("%s: there is no such directory".formatted(folder), e);
        }
    }

    private static URL url(Path entry) {
        try {
            return entry.toUri().toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(entry + ": " + e.getMessage(), e);
        }
    }

    /// The first entry that is not there.
    Optional<Path> firstMissing() {
        return entries.stream().filter(entry -> !Files.exists(entry)).findFirst();
    }

    Path[] entries() {
        return entries.toArray(Path[]::new);
    }

    /// Finds a class by its binary name, or by the name that it has in Java's source.
    ///
    /// @throws IllegalArgumentException if there is none; the message says what there is
    Class<?> find(String name) {
        var binary = name;
        while (true) {
            try {
                return Class.forName(binary, false, loader);
            } catch (ClassNotFoundException e) {
                int dot = binary.lastIndexOf('.');
                if (dot < 0) {
                    throw new IllegalArgumentException(missing(name), e);
                }
                binary = binary.substring(0, dot) + '$' + binary.substring(dot + 1); // Outer.Inner is Outer$Inner
            } catch (LinkageError e) {
                throw new IllegalArgumentException("%s: this class cannot be loaded: %s".formatted(name, e), e);
            }
        }
    }

    private String missing(String name) {
        var candidates = candidates(name);
        return "there is no class %s in the JDK nor on the class path, which is %s%s"
                .formatted(
                        name,
                        entries.isEmpty()
                                ? "empty"
                                : entries.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)),
                        candidates.isEmpty()
                                ? "; say where your classes are with --class-path"
                                : "\n  what there is: "
                                        + candidates.stream().limit(MOST_LISTED).collect(Collectors.joining(", "))
                                        + (candidates.size() > MOST_LISTED
                                                ? ", and %d more".formatted(candidates.size() - MOST_LISTED)
                                                : ""));
    }

    /// Classes of the user's with the same name in another package or spelling, or else of the same package.
    private List<String> candidates(String name) {
        var all = entries.stream()
                .flatMap(UserClasses::classes)
                .distinct()
                .sorted()
                .toList();
        var sameName = all.stream()
                .filter(known -> simple(known).equalsIgnoreCase(simple(name)))
                .toList();
        return sameName.isEmpty()
                ? all.stream()
                        .filter(known -> parent(known).equals(parent(name)))
                        .toList()
                : sameName;
    }

    private static String simple(String name) {
        return name.substring(Math.max(name.lastIndexOf('.'), name.lastIndexOf('$')) + 1);
    }

    private static String parent(String name) {
        return name.substring(0, Math.max(0, name.lastIndexOf('.')));
    }

    private static Stream<String> classes(Path entry) {
        var names = new ArrayList<String>();
        try {
            if (Files.isDirectory(entry)) {
                try (var files = Files.walk(entry)) {
                    files.forEach(file -> names.add(entry.relativize(file).toString()));
                }
            } else if (Files.exists(entry)) {
                try (var jar = new JarFile(entry.toFile())) {
                    jar.stream().map(ZipEntry::getName).forEach(names::add);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // what cannot be read has nothing to suggest
        }
        return names.stream()
                .filter(name -> name.endsWith(CLASS_FILE) && !name.contains("-")) // module-info, META-INF
                .map(name ->
                        name.substring(0, name.length() - CLASS_FILE.length()).replace('/', '.'));
    }

    @Override
    public void close() throws IOException {
        loader.close();
    }
}
