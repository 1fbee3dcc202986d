package io.github.procession.conformance.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One run of a program.
final class Launch {
    private static final long LIMIT_SECONDS = 60;

    private final List<String> line;
    private final Map<String, @Nullable String> environment = new HashMap<>();
    private Path folder;
    private String input = "";
    private boolean bare;

    Launch(List<String> line, Path folder) {
        this.line = line;
        this.folder = folder;
        // what the machine that runs the tests says to every JVM
        without("JAVA_TOOL_OPTIONS");
        without("JDK_JAVA_OPTIONS");
        without("CLASSPATH");
    }

    Launch in(Path directory) {
        folder = directory;
        return this;
    }

    Launch with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    private void without(String variable) {
        environment.put(variable, null);
    }

    Launch reading(String text) {
        input = text;
        return this;
    }

    /// Runs it with the variables of nothing but the test.
    Launch bare() {
        bare = true;
        return this;
    }

    /// Runs it by a shell, with something after the command.
    Launch redirected(String redirection) {
        var wrapped = new ArrayList<>(List.of("/bin/sh", "-c", "exec \"$@\" " + redirection, "sh"));
        wrapped.addAll(line);
        return new Launch(wrapped, folder);
    }

    /// Runs it by a shell, with a umask of its own.
    Launch umask(String mask) {
        var wrapped = new ArrayList<>(List.of("/bin/sh", "-c", "umask " + mask + "; exec \"$@\"", "sh"));
        wrapped.addAll(line);
        return new Launch(wrapped, folder);
    }

    /// How it ended.
    record Finished(int code, String out, String err) {
        /// It did its work, printed this, and nothing on standard error.
        Finished printed(String expected) {
            assertThat(this).isEqualTo(new Finished(0, expected, ""));
            return this;
        }
    }

    Finished run() {
        var builder = new ProcessBuilder(line).directory(folder.toFile());
        if (bare) {
            builder.environment().keySet().retainAll(Set.of("PROCESSION_TEST_RUN", "XDG_CACHE_HOME"));
        }
        environment.forEach((variable, value) -> {
            if (value == null) {
                builder.environment().remove(variable);
            } else {
                builder.environment().put(variable, value);
            }
        });
        try {
            var process = builder.start();
            try {
                var out = read(process.getInputStream()::readAllBytes);
                var err = read(process.getErrorStream()::readAllBytes);
                try (var writer = process.outputWriter(StandardCharsets.UTF_8)) {
                    writer.write(input);
                } catch (IOException e) {
                    // it does not read
                }
                if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new AssertionError(
                            "%s did not end; it printed\n%s\n%s".formatted(line, out.join(), err.join()));
                }
                return new Finished(process.exitValue(), out.join(), err.join());
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private interface Source {
        byte[] get() throws IOException;
    }

    private static CompletableFuture<String> read(Source source) {
        var text = new CompletableFuture<String>();
        Thread.ofVirtual().start(() -> {
            try {
                text.complete(new String(source.get(), StandardCharsets.UTF_8));
            } catch (IOException e) {
                text.completeExceptionally(e);
            }
        });
        return text;
    }
}
