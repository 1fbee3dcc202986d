package io.github.procession.internal.launch;

import io.github.procession.internal.os.TreeFiles;
import java.io.FileOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Optional;

/// The file that children load this library from.
final class LibraryFile {
    /*
     * A jar within a jar is no file that a JVM could have on its class path. It is copied once, into a file of the
     * tree: nothing of the copy is left when the tree has ended.
     */
    private static final String ENTRY = LibraryFile.class.getName().replace('.', '/') + ".class";

    private LibraryFile() {}

    /// A path for the class path of a child; empty when the JVM's own boot class path has the library.
    ///
    /// @throws IllegalStateException if there is no such file and none can be made
    static Optional<String> path() {
        if (LibraryFile.class.getClassLoader() == null) {
            return Optional.empty();
        }
        return Optional.of(Found.PATH);
    }

    /// Looked for once.
    private static final class Found {
        static final String PATH = find();

        private static String find() {
            var source = LibraryFile.class.getProtectionDomain().getCodeSource();
            var resource = LibraryFile.class.getClassLoader().getResource(ENTRY);
            String location = source != null && source.getLocation() != null
                    ? source.getLocation().toString()
                    : String.valueOf(resource).replaceFirst("/?" + ENTRY + "$", "");
            try {
                return file(location);
            } catch (IOException | URISyntaxException | IllegalArgumentException e) {
                throw new IllegalStateException(
                        "Cannot find the file that the Procession library was loaded from (%s), and a child process needs it on its class path: %s. Put the library's jar on the class path or the module path, or into the application's jar as a jar of its own"
                                .formatted(location, e),
                        e);
            }
        }
    }

    private static String file(String location) throws IOException, URISyntaxException {
        String file = location;
        if (file.startsWith("jar:") && file.endsWith("!/")) {
            file = file.substring("jar:".length(), file.length() - "!/".length());
        }
        if (!file.startsWith("file:")) {
            return copy(file);
        }
        try {
            return Path.of(new URI(file)).toString();
        } catch (URISyntaxException | IllegalArgumentException e) {
            return Path.of(file.substring("file:".length())).toString(); // not encoded, as some loaders have them
        }
    }

    @SuppressWarnings("deprecation") // a nested location is no URI that java.net would accept
    private static String copy(String location) throws IOException {
        var connection = new URL(location).openConnection();
        connection.setUseCaches(false);
        int file = TreeFiles.here().make("-library");
        try (var in = connection.getInputStream();
                var out = new FileOutputStream(TreeFiles.here().path(file).toFile())) {
            if (in.transferTo(out) == 0) {
                throw new IOException("there is nothing in it");
            }
        } catch (IOException | RuntimeException e) {
            TreeFiles.here().close(file);
            throw e;
        }
        TreeFiles.here().fixContents(file);
        return TreeFiles.here().path(file).toString();
    }
}
