package io.github.procession.conformance.launch;

import static io.github.procession.conformance.launch.Workshop.NATIVE;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.loader.tools.Library;
import org.springframework.boot.loader.tools.LibraryScope;
import org.springframework.boot.loader.tools.Repackager;

/// An executable jar as Spring Boot's plugins make it: the application and its libraries, this one too, are jars and
/// folders within the jar, loaded by a class loader of Spring's.
class SpringBootTest {
    private static final String ITEM = """
            package part;

            public record Item(int n) implements java.io.Serializable {}
            """;

    private static final String SERVICE = """
            package part;

            public class Service implements Runnable {
                @Override
                public void run() {}
            }
            """;

    private static final String MAIN = """
            package app;

            import io.github.procession.ChildProcess;
            import io.github.procession.Output;
            import io.github.procession.Pool;
            import java.nio.charset.StandardCharsets;
            import java.util.List;
            import java.util.ServiceLoader;
            import part.Item;

            public class Main {
                public static class Service implements Runnable {
                    @Override
                    public void run() {}
                }

                static int services() {
                    return (int) ServiceLoader.load(Runnable.class).stream().count();
                }

                static String text() throws Exception {
                    try (var in = Main.class.getResourceAsStream("/texts/a b.txt")) {
                        return new String(in.readAllBytes(), StandardCharsets.UTF_8);
                    }
                }

                public static void main(String[] args) throws Exception {
                    System.out.println("services: " + ChildProcess.call(Main::services));
                    System.out.println("resource: " + ChildProcess.call(Main::text));
                    Item item = ChildProcess.call(() -> ChildProcess.call(() -> new Item(49)));
                    System.out.println("grandchild: " + item);
                    try (var pool = Pool.open(1)) {
                        System.out.println("pool: " + pool.map(List.of(new Item(1)), i -> new Item(i.n() + 1)));
                        System.out.println("of the library: " + pool.apply(() -> Output.DISCARD));
                    }
                }
            }
            """;

    @TempDir
    Path folder;

    @Test
    void anExecutableJar() throws IOException {
        var workshop = new Workshop(folder);
        var library = workshop.library("procession.jar");
        var parts = workshop.classes("parts", List.of(), ITEM, SERVICE);
        workshop.write("parts/META-INF/services/java.lang.Runnable", "part.Service\n");
        var part = workshop.jar("part.jar", parts, Map.of());
        var classes = workshop.classes("classes", List.of("-cp", library + ":" + part), MAIN);
        workshop.write("classes/META-INF/services/java.lang.Runnable", "app.Main$Service\n");
        workshop.write("classes/texts/a b.txt", "a text");
        var plain = workshop.jar("plain.jar", classes, Map.of());
        var repackager = new Repackager(plain.toFile());
        repackager.setMainClass("app.Main");
        repackager.repackage(folder.resolve("app.jar").toFile(), callback -> {
            callback.library(new Library(library.toFile(), LibraryScope.COMPILE));
            callback.library(new Library(part.toFile(), LibraryScope.COMPILE));
        });
        workshop.java(NATIVE, "-jar", "app.jar").run().printed("""
                        services: 2
                        resource: a text
                        grandchild: Item[n=49]
                        pool: [Item[n=2]]
                        of the library: DISCARD
                        """);
    }
}
