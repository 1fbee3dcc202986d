package io.github.procession.internal.launch;

import io.github.procession.internal.os.Access;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A file with the library's classes and those of the JDK that a child needs, loaded and linked (JEP 483, 514): a JVM that
/// has it boots faster. There is one for each JDK, library and set of flags, in the user's cache directory. If it does not
/// fit after all, the JVM does without.
///
/// The JVM believes what is in it. So it is used only if it and its directory are this user's, and nobody else can change them or
/// put something else in their place: each folder above is this user's or the system's, and others cannot write to it, unless
/// they cannot touch what is not theirs there either (as in `/tmp`).
public final class AotCache {
    /// `off`, or the directory in which caches are kept.
    static final String PROPERTY = "io.github.procession.aotCache";

    private static final int KEPT = 8;
    private static final String SUFFIX = ".aot";
    private static final String UNFINISHED = "making";
    private static final Duration LONGEST_MAKING = Duration.ofHours(1);
    private static final Set<PosixFilePermission> OWNER_ALONE = PosixFilePermissions.fromString("rwx------");

    /// Flags that are not the same in all processes of a program, and that a cache does not depend on.
    private static final List<String> IRRELEVANT = List.of(
            "-D",
            "-Xmx",
            "-Xms",
            "-Xss",
            "-Xlog",
            "-ea",
            "-esa",
            "-da",
            "-XX:Max",
            "-XX:Error",
            "-XX:Active",
            "-XX:Initial",
            "-XX:+ExitOnOutOfMemoryError"); // of a pool's workers, which boot from the same cache as other children

    private final Path directory;
    private final Path library;
    private final Path file;

    private AotCache(Path directory, Path library, String key) {
        this.directory = directory;
        this.library = library;
        this.file = directory.resolve(key + SUFFIX);
    }

    /// The cache for a command line.
    ///
    /// @param java  the `java` that is run
    /// @param flags all flags
    /// @return null if there can be none: the library is not a jar of its own file system name, there is no directory, or
    ///     the flags say what the JVM shall load
    static @Nullable AotCache of(Path java, List<String> flags) {
        var library = library(flags);
        var directory = directory();
        if (library == null || directory == null || flags.stream().anyMatch(AotCache::decides)) {
            return null;
        }
        try {
            return new AotCache(directory, library, key(java, library, flags));
        } catch (IOException e) {
            return null; // no release file, no jar: then no cache
        }
    }

    private static @Nullable Path library(List<String> flags) {
        int at = flags.indexOf("--class-path");
        if (at < 0 || flags.contains("--module-path") || flags.contains("--upgrade-module-path")) {
            return null;
        }
        var first = Path.of(flags.get(at + 1).split(File.pathSeparator, 2)[0]);
        boolean lasts = Files.isRegularFile(first) && !first.startsWith("/proc");
        return lasts && first.toString().endsWith(".jar") ? first : null;
    }

    private static boolean decides(String flag) {
        return Stream.of("-XX:AOT", "-XX:SharedArchiveFile", "-XX:ArchiveClasses", "-Xshare", "-javaagent", "-agent")
                .anyMatch(flag::startsWith);
    }

    private static @Nullable Path directory() {
        String chosen = System.getProperty(PROPERTY);
        if (chosen != null) {
            return chosen.equals("off") ? null : real(Path.of(chosen).toAbsolutePath());
        }
        String cache = System.getenv("XDG_CACHE_HOME");
        if (cache != null && cache.startsWith("/")) {
            return real(Path.of(cache, "procession"));
        }
        String home = System.getProperty("user.home", "");
        return home.startsWith("/") ? real(Path.of(home, ".cache", "procession")) : null;
    }

    /// The same place without symbolic links, as far as it is there: what is looked at is then what is used.
    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            var parent = path.getParent();
            return parent == null ? path : real(parent).resolve(path.getFileName());
        }
    }

    private static String key(Path java, Path library, List<String> flags) throws IOException {
        var home = java.toRealPath().resolve("../..").normalize();
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            digest.update(home.toString().getBytes(StandardCharsets.UTF_8));
            digest.update(Files.readAllBytes(home.resolve("release")));
            var jar = Files.readAttributes(library, PosixFileAttributes.class);
            var said = new StringBuilder("%s %d %s".formatted(library, jar.size(), jar.lastModifiedTime()));
            int classPath = flags.indexOf("--class-path") + 1;
            for (int i = 0; i < flags.size(); i++) {
                if (i != classPath && IRRELEVANT.stream().noneMatch(flags.get(i)::startsWith)) {
                    said.append('\n').append(flags.get(i));
                }
            }
            digest.update(said.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest.digest(), 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    /// Whether it is there, and may be believed.
    boolean isThere() {
        return isRegular(file) && Access.isOurs(file) && Access.isOurs(directory) && Access.isOutOfReach(directory);
    }

    /// Whether it is not there, and can be made.
    public boolean isWanted() {
        if (isRegular(file)) {
            return false;
        }
        try {
            Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER_ALONE));
            return Access.isOurs(directory) && Access.isOutOfReach(directory) && Files.isWritable(directory);
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    private static boolean isRegular(Path file) {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
    }

    /// What makes a JVM use it, without a word if it does not fit.
    List<String> flags() {
        return List.of("-XX:AOTCache=" + file, "-Xlog:aot=off", "-Xlog:cds=off");
    }

    /// How the JVMs differ that make it, of which the program is to see nothing: the library alone, and no files.
    public LaunchSpec training(LaunchSpec spec) {
        return new LaunchSpec(
                spec.javaHome(),
                spec.workingDirectory(),
                spec.maxHeap(),
                spec.heapPercent(),
                spec.processors(),
                List.of(library),
                InheritedFlags.common(spec.jvmArgs()),
                Map.of(),
                spec.environment());
    }

    /// What it is, for a set.
    public String key() {
        return file.toString();
    }

    /// Puts it in its place, whole, and makes room: the oldest go.
    ///
    /// @throws IOException if it cannot be written; nothing is left then
    public void store(Path made) throws IOException {
        var temporary = Files.createTempFile(directory, UNFINISHED, null); // for its owner alone
        try {
            try (var out = Files.newOutputStream(temporary)) {
                Files.copy(made, out);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
        sweep();
    }

    private void sweep() throws IOException {
        try (var files = Files.list(directory)) {
            var all = files.toList();
            var latest = all.stream().map(AotCache::age).max(Comparator.naturalOrder()); // one was made just now
            var longAgo = FileTime.from(latest.orElseThrow().toInstant().minus(LONGEST_MAKING));
            for (var made : all) { // by one that was killed before it was whole
                if (made.getFileName().toString().startsWith(UNFINISHED)
                        && age(made).compareTo(longAgo) < 0) {
                    Files.deleteIfExists(made);
                }
            }
            var oldest = all.stream()
                    .filter(f -> f.toString().endsWith(SUFFIX))
                    .sorted(Comparator.comparing(AotCache::age))
                    .toList();
            for (var old : oldest.subList(0, Math.max(0, oldest.size() - KEPT))) {
                Files.deleteIfExists(old);
            }
        }
    }

    private static FileTime age(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0); // gone meanwhile
        }
    }
}
