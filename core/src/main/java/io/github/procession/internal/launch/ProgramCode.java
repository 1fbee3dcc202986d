package io.github.procession.internal.launch;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where this program's code is, as flags with which a child finds the same.
///
/// @param flags     for the module path and the class path
/// @param main      what is started: a class of the class path, or `-m` and a module's class
record ProgramCode(List<String> flags, List<String> main) {
    /*
     *   this program              a child
     *   class path                the library, then the class path
     *   -jar app.jar              the same, and what the jar's manifest opens and exports
     *   -p … -m app/app.Main      the same module path, app as a root, and our main class by -m if we are a module
     *   -p … -cp … app.Main       the same paths, and our main class by name: then all of the JDK is resolved, as here
     *   a nested jar, a shell,    the library as a file (see LibraryFile); the program's classes come from the parent
     *   a class loader of its own
     */
    private static final String MAIN = "io.github.procession.internal.worker.Main";

    /// This program's code. File names are absolute: a child may run elsewhere.
    ///
    /// @param classPath what the class path is instead, null for this program's
    static ProgramCode ofThisProcess(@Nullable List<Path> classPath) {
        var module = ProgramCode.class.getModule();
        boolean modular = module.isNamed() && module.getLayer() == ModuleLayer.boot();
        String mainModule = System.getProperty("jdk.module.main");
        var flags = new ArrayList<String>();
        path("--upgrade-module-path", "jdk.module.upgrade.path", flags);
        path("--module-path", "jdk.module.path", flags);
        if (mainModule != null) {
            flags.add("--add-modules=" + mainModule);
        }
        flags.add("--enable-native-access=" + (modular ? module.getName() : "ALL-UNNAMED"));
        String own = System.getProperty("java.class.path", "");
        flags.addAll(openedByManifest(own));
        var entries = new LinkedHashSet<String>();
        if (!modular) {
            LibraryFile.path().ifPresent(entries::add);
        }
        (classPath == null ? entries(own, mainModule) : classPath.stream().map(Path::toString)).forEach(entries::add);
        if (!entries.isEmpty()) {
            flags.add("--class-path");
            flags.add(String.join(File.pathSeparator, entries));
        }
        boolean byModule = modular && mainModule != null;
        return new ProgramCode(flags, byModule ? List.of("-m", module.getName() + "/" + MAIN) : List.of(MAIN));
    }

    private static void path(String flag, String property, List<String> flags) {
        String value = System.getProperty(property);
        if (value != null && !value.isEmpty()) {
            flags.add(flag);
            flags.add(String.join(
                    File.pathSeparator,
                    Stream.of(value.split(File.pathSeparator))
                            .map(ProgramCode::absolute)
                            .toList()));
        }
    }

    /// The entries of a class path; an empty one is the working directory, except that a program started as a module and
    /// without a class path has none.
    private static Stream<String> entries(String classPath, @Nullable String mainModule) {
        return classPath.isEmpty() && mainModule != null
                ? Stream.empty()
                : Stream.of(classPath.split(File.pathSeparator, -1)).map(ProgramCode::absolute);
    }

    private static String absolute(String entry) {
        try {
            return Path.of(entry).toAbsolutePath().toString();
        } catch (InvalidPathException e) {
            return entry; // no file of this system: the JVM does not find it here either
        }
    }

    /// What the manifest of an executable jar has the launcher open and export.
    private static List<String> openedByManifest(String classPath) {
        if (classPath.isEmpty() || !System.getProperty("sun.java.command", "").startsWith(classPath)) {
            return List.of();
        }
        var file = new File(classPath);
        if (!Files.isRegularFile(file.toPath())) {
            return List.of();
        }
        try (var jar = new JarFile(file)) {
            var manifest = jar.getManifest();
            if (manifest == null) {
                return List.of();
            }
            var flags = new ArrayList<String>();
            manifest(manifest.getMainAttributes(), "Add-Exports", "--add-exports", flags);
            manifest(manifest.getMainAttributes(), "Add-Opens", "--add-opens", flags);
            return flags;
        } catch (IOException e) {
            return List.of(); // not a jar: the command only looks like one
        }
    }

    private static void manifest(Attributes attributes, String name, String flag, List<String> flags) {
        String value = attributes.getValue(name);
        if (value != null) {
            for (String packageName : value.strip().split("\\s+", -1)) {
                flags.add(flag + "=" + packageName + "=ALL-UNNAMED");
            }
        }
    }
}
