package io.github.procession.internal.classes;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The bytes that class loaders have of classes and other resources.
final class ClassCode {
    /*
     * A loader that prefers its own classes to its parent's often does not prefer its own resources. So the class file is
     * looked for where the class says it is from, before the loader is asked as anybody would.
     */
    private static final String SHELL = "REPL.$JShell$";

    private ClassCode() {}

    /// The code of a class, null if its loader does not give it.
    static byte @Nullable [] of(Class<?> type) throws IOException {
        var loader = type.getClassLoader();
        String file = file(type.getName());
        if (loader instanceof URLClassLoader urls) {
            var url = urls.findResource(file);
            if (url != null) {
                return read(url);
            }
        }
        if (loader == null) {
            return resource(null, file);
        }
        var source = type.getProtectionDomain().getCodeSource();
        if (source != null && source.getLocation() != null) {
            String location = source.getLocation().toString();
            for (URL url : all(loader, file)) {
                if (url.toString().contains(location)) {
                    return read(url);
                }
            }
        }
        return resource(loader, file);
    }

    private static String file(String className) {
        return className.replace('.', '/') + ".class";
    }

    /// Whether the code of a class can become another while the class is loaded: a shell's can.
    static boolean mayChange(String className) {
        return className.startsWith(SHELL);
    }

    /// Whether a loader has other code than it had.
    ///
    /// @param code what it had, by class name
    static boolean hasChanged(ClassLoader loader, Map<String, byte[]> code) {
        for (var known : code.entrySet()) {
            try {
                if (!Arrays.equals(known.getValue(), resource(loader, file(known.getKey())))) {
                    return true;
                }
            } catch (IOException e) {
                return true; // as far as anybody can tell
            }
        }
        return false;
    }

    /// The first resource of that name, null if there is none.
    static byte @Nullable [] resource(@Nullable ClassLoader loader, String name) throws IOException {
        try (var in = loader == null ? ClassLoader.getSystemResourceAsStream(name) : loader.getResourceAsStream(name)) {
            return in == null ? null : in.readAllBytes();
        }
    }

    /// All resources of that name, except those that the JDK has.
    static List<byte[]> resources(ClassLoader loader, String name) throws IOException {
        var ofJdk = all(ClassLoader.getPlatformClassLoader(), name).stream()
                .map(URL::toString)
                .toList();
        var found = new ArrayList<byte[]>();
        for (URL url : all(loader, name)) {
            if (!ofJdk.contains(url.toString())) {
                found.add(read(url));
            }
        }
        return found;
    }

    private static List<URL> all(ClassLoader loader, String name) throws IOException {
        var urls = new ArrayList<URL>();
        loader.getResources(name).asIterator().forEachRemaining(url -> urls.add(Objects.requireNonNull(url)));
        return urls;
    }

    private static byte[] read(URL url) throws IOException {
        var connection = url.openConnection();
        connection.setUseCaches(false); // a plugin's jar must not stay open because of us
        try (InputStream in = connection.getInputStream()) {
            return in.readAllBytes();
        }
    }
}
