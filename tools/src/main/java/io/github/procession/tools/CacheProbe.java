package io.github.procession.tools;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// What `procession doctor` finds about the cache of loaded classes, with which children boot faster.
final class CacheProbe {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String PROPERTY = "io.github.procession.aotCache";
    private static final String FLAG = "-XX:AOTCache=";
    private static final Set<PosixFilePermission> OF_OTHERS =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private static final int WRITE_BY_OTHERS = 022;
    private static final int STICKY = 01000;

    private CacheProbe() {}

    /// Asks a child whether it has one, and says where it would be.
    static Finding look() throws InterruptedException, TimeoutException, IOException {
        var words = ChildProcess.call(() -> Files.readString(Path.of("/proc/self/cmdline")), LIMIT)
                .split("\0", -1);
        var used = Arrays.stream(words)
                .filter(word -> word.startsWith(FLAG))
                .map(word -> word.substring(FLAG.length()))
                .findFirst();
        var place = directory(
                System.getProperty(PROPERTY), System.getenv("XDG_CACHE_HOME"), System.getProperty("user.home", ""));
        return used.isPresent() ? found(Path.of(used.get())) : none(place, libraryIsJar());
    }

    private static Finding found(Path file) throws IOException {
        return Finding.ok("children boot with %s, %s".formatted(file, Doctor.size(Files.size(file))));
    }

    private static boolean libraryIsJar() {
        try {
            var source = Pool.class.getProtectionDomain().getCodeSource();
            return source != null
                    && Files.isRegularFile(Path.of(source.getLocation().toURI()));
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /// Where caches are kept.
    ///
    /// @return null if there shall be none, or no place is known
    static @Nullable Path directory(@Nullable String chosen, @Nullable String cacheHome, String home) {
        if (chosen != null) {
            return chosen.equals("off") ? null : Path.of(chosen).toAbsolutePath();
        }
        if (cacheHome != null && cacheHome.startsWith("/")) {
            return Path.of(cacheHome, "procession");
        }
        return home.startsWith("/") ? Path.of(home, ".cache", "procession") : null;
    }

    /// What to say where children boot without.
    static Finding none(@Nullable Path directory, boolean libraryIsJar) throws IOException {
        if (directory == null) {
            return Finding.ok("none, for it is switched off, or this user has no home");
        }
        if (!libraryIsJar) {
            return Finding.ok("none, for the library is here a folder of classes and no jar");
        }
        var wrong = whatIsWrong(directory);
        return wrong == null
                ? Finding.ok("none yet in %s: the first program that starts a child makes it".formatted(directory))
                : Finding.warning(
                        "none, for %s %s".formatted(directory, wrong),
                        "children take half as long again to boot: make it a folder of this user that nobody else can write to, or name another one in XDG_CACHE_HOME or with -D"
                                + PROPERTY + "=DIRECTORY");
    }

    private static @Nullable String whatIsWrong(Path named) throws IOException {
        var directory = Files.exists(named) ? named.toRealPath() : named;
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            Path above = directory.getParent();
            while (above != null && !Files.exists(above)) {
                above = above.getParent();
            }
            return above != null && Files.isDirectory(above) && Files.isWritable(above)
                    ? null
                    : "cannot be made in " + above;
        }
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return "is no folder";
        }
        if (!Files.getOwner(directory).equals(Files.getOwner(Path.of("/proc/self")))) {
            return "belongs to " + Files.getOwner(directory).getName();
        }
        var permissions = Files.getPosixFilePermissions(directory);
        if (permissions.stream().anyMatch(OF_OTHERS::contains)) {
            return "can be written to by others: " + PosixFilePermissions.toString(permissions);
        }
        for (var above = directory.getParent(); above != null; above = above.getParent()) {
            int mode = (int) Files.getAttribute(above, "unix:mode");
            int uid = (int) Files.getAttribute(above, "unix:uid");
            if (uid != 0 && uid != (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid")) {
                return "is in %s, which belongs to %s"
                        .formatted(above, Files.getOwner(above).getName());
            }
            if ((mode & WRITE_BY_OTHERS) != 0 && (mode & STICKY) == 0) {
                return "is in %s, to which others can write".formatted(above);
            }
        }
        return Files.isWritable(directory) ? null : "cannot be written to";
    }
}
