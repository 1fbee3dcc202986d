package io.github.procession.tools;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.github.procession.Pool;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// What `procession doctor` looks at in the JDK.
final class JavaProbes {
    private static final int OLDEST = 25;

    private JavaProbes() {}

    static Finding java() {
        var home = System.getProperty("java.home");
        var found = "%s of %s, %s".formatted(Runtime.version(), System.getProperty("java.vendor"), home);
        if (Runtime.version().feature() < OLDEST) {
            return Finding.problem(found, "install a JDK %d or newer".formatted(OLDEST));
        }
        return Files.isExecutable(Path.of(home, "bin", "java"))
                ? Finding.ok(found)
                : Finding.problem(
                        found + ": there is no bin/java in it",
                        "use a whole JDK or JRE; children of a runtime without the launcher need ProcessOptions.javaHome");
    }

    static Finding nativeAccess() {
        return Pool.class.getModule().isNativeAccessEnabled()
                ? Finding.ok("enabled for the library")
                : Finding.warning(
                        "not enabled: this JDK warns, or refuses",
                        "start java with --enable-native-access=ALL-UNNAMED, or io.github.procession if the library is on the module path");
    }

    /// Archives of classes are most of what makes the start of a child short.
    static Finding archives() {
        var bean = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        if (bean == null) {
            return Finding.warning("this is no HotSpot JVM", "use a JDK that is built from OpenJDK");
        }
        boolean shared = System.getProperty("java.vm.info", "").contains("sharing");
        boolean aot = !flag(bean, "AOTCache").equals("none");
        var found = (shared ? "the JDK's own is in use" : "the JDK's own is not in use")
                + (aot ? "; AOT caches can be made (-XX:AOTCache)" : "; it knows no AOT caches");
        return Finding.warnIf(
                !shared,
                found,
                "every JVM starts slower without: remove -Xshare:off, or make the archive with java -Xshare:dump");
    }

    private static String flag(HotSpotDiagnosticMXBean bean, String name) {
        try {
            return bean.getVMOption(name).getValue();
        } catch (IllegalArgumentException e) { // this JVM has no such flag
            return "none";
        }
    }

    static Finding text() {
        var encoding = System.getProperty("native.encoding", "");
        boolean ascii =
                Charset.isSupported(encoding) && Charset.forName(encoding).equals(StandardCharsets.US_ASCII);
        return Finding.warnIf(
                ascii,
                "file names, arguments and output are in " + encoding,
                "set LC_ALL=C.UTF-8, or other letters than those of English become question marks");
    }
}
