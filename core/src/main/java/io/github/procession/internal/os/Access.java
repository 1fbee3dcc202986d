package io.github.procession.internal.os;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Who may do what with a file.
public final class Access {
    private static final int SUPERUSER = 0;
    private static final int WRITE_BY_OTHERS = 022;
    private static final int STICKY = 01000;

    private final int uid;
    private final int mode;

    private Access(int uid, int mode) {
        this.uid = uid;
        this.mode = mode;
    }

    /// @return null if it cannot be known
    private static @Nullable Access of(Path file) {
        try {
            return new Access((int) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS), (int)
                    Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS));
        } catch (IOException | UnsupportedOperationException e) {
            return null;
        }
    }

    /// Whether it is this user's, and nobody else can write to it.
    public static boolean isOurs(Path file) {
        var access = of(file);
        return access != null && access.uid == Own.UID && (access.mode & WRITE_BY_OTHERS) == 0;
    }

    /// Whether nobody but its owner and the system can put something in the place of a file or folder, or of what is in there:
    /// each folder above is theirs, and others cannot write to it, unless they cannot touch what is not theirs there either
    /// (as in `/tmp`). The path must have no symbolic links.
    public static boolean isOutOfReach(Path file) {
        var own = of(file);
        for (var above = file.getParent(); above != null; above = above.getParent()) {
            var access = of(above);
            if (own == null
                    || access == null
                    || (access.uid != own.uid && access.uid != SUPERUSER)
                    || ((access.mode & WRITE_BY_OTHERS) != 0 && (access.mode & STICKY) == 0)) {
                return false;
            }
        }
        return own != null;
    }

    /// Made when needed.
    private static final class Own {
        private static final int NOBODY = -1;
        static final int UID = uid();

        private static int uid() {
            try {
                return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            } catch (IOException | UnsupportedOperationException e) {
                return NOBODY;
            }
        }
    }
}
