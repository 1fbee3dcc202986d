package io.github.procession.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheProbeTest {
    @TempDir
    Path folder;

    @Test
    void itLooksWhereTheLibraryKeepsIt() {
        assertThat(CacheProbe.directory(null, "/caches", "/home/me")).isEqualTo(Path.of("/caches/procession"));
        assertThat(CacheProbe.directory(null, "relative", "/home/me")).isEqualTo(Path.of("/home/me/.cache/procession"));
        assertThat(CacheProbe.directory(null, null, "/home/me")).isEqualTo(Path.of("/home/me/.cache/procession"));
        assertThat(CacheProbe.directory("/mine", "/caches", "/home/me")).isEqualTo(Path.of("/mine"));
        assertThat(CacheProbe.directory("off", "/caches", "/home/me")).isNull();
        assertThat(CacheProbe.directory(null, null, "?")).isNull();
    }

    @Test
    void whatIsNotThereYetIsWell() throws IOException {
        var place = folder.resolve("not/there");
        assertThat(CacheProbe.none(place, true))
                .isEqualTo(Finding.ok("none yet in " + place + ": the first program that starts a child makes it"));
        assertThat(CacheProbe.none(place, false).found()).contains("folder of classes");
        assertThat(CacheProbe.none(null, true).found()).contains("switched off");
    }

    @Test
    void aDirectoryThatCannotBeTrustedIsAWarningWithAdvice() throws IOException {
        var open = Files.createDirectory(folder.resolve("open"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxr-x"));
        var finding = CacheProbe.none(open, true);
        assertThat(finding.status()).isEqualTo(Finding.Status.WARNING);
        assertThat(finding.found()).isEqualTo("none, for " + open + " can be written to by others: rwxrwxr-x");
        assertThat(finding.advice())
                .contains("nobody else can write to", "XDG_CACHE_HOME", "-Dio.github.procession.aotCache=DIRECTORY");
    }

    @Test
    void aDirectoryBelowOneThatOthersCanWriteToIsAWarning() throws IOException {
        var open = Files.createDirectory(folder.resolve("open"));
        var mine = Files.createDirectory(open.resolve("mine"));
        Files.setPosixFilePermissions(mine, PosixFilePermissions.fromString("rwx------"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThat(CacheProbe.none(mine, true).found())
                .isEqualTo("none, for " + mine + " is in " + open + ", to which others can write");
    }

    @Test
    void aFileInItsPlaceIsAWarning() throws IOException {
        var file = Files.createFile(folder.resolve("file"));
        assertThat(CacheProbe.none(file, true).found()).isEqualTo("none, for " + file + " is no folder");
        assertThat(CacheProbe.none(file.resolve("below"), true).found())
                .isEqualTo("none, for " + file.resolve("below") + " cannot be made in " + file);
    }

    @Test
    void theDirectoryOfSomebodyElseIsAWarning() throws IOException {
        var place = Path.of("/proc/1"); // of the superuser
        var finding = CacheProbe.none(place, true);
        assertThat(finding.status()).isEqualTo(Finding.Status.WARNING);
        assertThat(finding.found()).startsWith("none, for /proc/1 ");
    }
}
