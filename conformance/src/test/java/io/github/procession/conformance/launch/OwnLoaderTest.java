package io.github.procession.conformance.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.RemoteTaskException;
import io.github.procession.SharedQueue;
import io.github.procession.function.SerializableCallable;
import java.io.IOException;
import java.io.Serializable;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A program that has class loaders of its own: plugins, of which each brings its classes.
public class OwnLoaderTest {
    private static final String PLUGIN = """
            package plugin;

            import io.github.procession.ChildProcess;
            import io.github.procession.conformance.launch.OwnLoaderTest;
            import io.github.procession.function.SerializableCallable;
            import java.io.Serializable;
            import java.nio.charset.StandardCharsets;
            import java.util.List;

            public class Plugin implements OwnLoaderTest.Plugin {
                static final String NAME = "THIS";

                public record Item(String name) implements Serializable {}

                public enum Level {
                    LOW,
                    HIGH {
                        @Override
                        public String toString() {
                            return "high of " + NAME;
                        }
                    }
                }

                public sealed interface Shape extends Serializable permits Square, Circle {}

                public record Square(int side) implements Shape {}

                public record Circle(int radius) implements Shape {}

                public static class Broken {
                    static final int VALUE = Integer.parseInt("no number of " + NAME);
                }

                public static class Failure extends RuntimeException {
                    public Failure(String message) {
                        super(message);
                    }
                }

                @Override
                public SerializableCallable<String> name() {
                    return () -> NAME;
                }

                @Override
                public SerializableCallable<Object> item() {
                    return () -> new Item("item of " + NAME);
                }

                @Override
                public SerializableCallable<Object> itemOfGrandchild() {
                    return () -> ChildProcess.call(() -> ChildProcess.call(() -> new Item(NAME)));
                }

                @Override
                public SerializableCallable<List<Object>> zoo() {
                    return animals();
                }

                static SerializableCallable<List<Object>> animals() {
                    Shape shape = new Square(3);
                    record Local(int n) implements Serializable {}
                    var local = new Local(5);
                    Level[] levels = Level.values();
                    return new SerializableCallable<>() {
                        @Override
                        public List<Object> call() {
                            int area = switch (shape) {
                                case Square s -> s.side() * s.side();
                                case Circle c -> c.radius();
                            };
                            return List.of(area, local, levels, Level[].class, levels[1].toString());
                        }
                    };
                }

                @Override
                public SerializableCallable<String> resource() {
                    return () -> {
                        try (var in = Plugin.class.getResourceAsStream("text.txt")) {
                            return new String(in.readAllBytes(), StandardCharsets.UTF_8) + " "
                                    + Thread.currentThread().getContextClassLoader().getResource("plugin/text.txt").getPath();
                        }
                    };
                }

                @Override
                public SerializableCallable<Object> broken() {
                    return () -> Broken.VALUE;
                }

                @Override
                public SerializableCallable<Object> failing() {
                    return () -> {
                        throw new Failure("of " + NAME);
                    };
                }
            }
            """;

    /// What plugins can do.
    public interface Plugin {
        SerializableCallable<String> name();

        SerializableCallable<Object> item();

        SerializableCallable<Object> itemOfGrandchild();

        SerializableCallable<List<Object>> zoo();

        SerializableCallable<String> resource();

        SerializableCallable<Object> broken();

        SerializableCallable<Object> failing();
    }

    /// Prefers its own classes to its parent's, and its parent's resources to its own.
    private static final class ParentLast extends URLClassLoader {
        ParentLast(URL url, ClassLoader parent) {
            super(new URL[] {url}, parent);
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.startsWith("plugin.")) {
                return super.loadClass(name, resolve);
            }
            synchronized (getClassLoadingLock(name)) {
                var loaded = findLoadedClass(name);
                return loaded != null ? loaded : findClass(name);
            }
        }
    }

    /// Keeps its classes to itself: it gives no class file.
    private static final class Secretive extends ClassLoader {
        private final URLClassLoader source;

        Secretive(URLClassLoader source) {
            super(source.getParent());
            this.source = source;
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            try (var in = source.findResource(name.replace('.', '/') + ".class").openStream()) {
                byte[] code = in.readAllBytes();
                return defineClass(name, code, 0, code.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    @TempDir
    static Path folder;

    private static Path one;
    private static Path two;

    @BeforeAll
    static void build() throws IOException {
        var workshop = new Workshop(folder);
        one = plugin(workshop, "one");
        two = plugin(workshop, "two");
    }

    private static Path plugin(Workshop workshop, String name) throws IOException {
        String path = Workshop.origin(OwnLoaderTest.class) + ":" + Workshop.origin(ChildProcess.class);
        var classes = workshop.classes(name, List.of("-cp", path), PLUGIN.replace("THIS", name));
        workshop.write(name + "/plugin/text.txt", "text of " + name);
        return workshop.jar(name + ".jar", classes, Map.of());
    }

    private static URLClassLoader loader(Path jar) throws IOException {
        return new URLClassLoader(new URL[] {jar.toUri().toURL()}, OwnLoaderTest.class.getClassLoader());
    }

    private static Plugin plugin(ClassLoader loader) throws ReflectiveOperationException {
        return (Plugin) loader.loadClass("plugin.Plugin").getConstructor().newInstance();
    }

    @Test
    void classesOfOneNameFromTwoLoadersStayApart() throws Exception {
        try (var first = loader(one);
                var second = loader(two);
                var pool = Pool.open(1)) {
            var a = plugin(first);
            var b = plugin(second);
            assertThat(List.of(pool.apply(a.name()), pool.apply(b.name()), pool.apply(a.name())))
                    .containsExactly("one", "two", "one");
            assertThat(pool.apply(a.item()).getClass()).isSameAs(first.loadClass("plugin.Plugin$Item"));
            assertThat(pool.apply(b.item()).getClass()).isSameAs(second.loadClass("plugin.Plugin$Item"));
            var both = List.of(a.item().call(), b.item().call());
            assertThat(pool.map(List.of(new ArrayList<>(both)), items -> items).getFirst())
                    .isEqualTo(both);
        }
    }

    @Test
    void grandchildrenGetClassesThroughTheChain() throws Exception {
        try (var loader = loader(one)) {
            var item = ChildProcess.call(plugin(loader).itemOfGrandchild());
            assertThat(item).hasToString("Item[name=one]");
            assertThat(item.getClass()).isSameAs(loader.loadClass("plugin.Plugin$Item"));
        }
    }

    @Test
    void anonymousLocalSealedAndEnumClasses() throws Exception {
        try (var loader = loader(one)) {
            var zoo = ChildProcess.call(plugin(loader).zoo());
            assertThat(zoo.get(0)).isEqualTo(9);
            assertThat(zoo.get(1)).hasToString("Local[n=5]");
            var level = loader.loadClass("plugin.Plugin$Level");
            assertThat((Object[]) zoo.get(2)).containsExactly(level.getEnumConstants());
            assertThat(zoo.get(3)).isSameAs(level.arrayType());
            assertThat(zoo.get(4)).isEqualTo("high of one");
        }
    }

    @Test
    void aLoaderThatPrefersItsOwnClassesToThoseOfItsParent() throws Exception {
        try (var parent = loader(one);
                var loader = new ParentLast(two.toUri().toURL(), parent)) {
            assertThat(loader.getResource("plugin/text.txt").toString()).contains("one.jar");
            assertThat(ChildProcess.call(plugin(loader).name())).isEqualTo("two");
            assertThat(ChildProcess.call(plugin(parent).name())).isEqualTo("one");
        }
    }

    @Test
    void resourcesAndTheContextClassLoader() throws Exception {
        var before = Thread.currentThread().getContextClassLoader();
        try (var loader = loader(two)) {
            Thread.currentThread().setContextClassLoader(loader);
            assertThat(ChildProcess.call(plugin(loader).resource())).isEqualTo("text of two /plugin/text.txt");
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @Test
    void aClassWhoseInitializerFails() throws Exception {
        try (var loader = loader(one)) {
            var broken = plugin(loader).broken();
            assertThatThrownBy(() -> ChildProcess.call(broken))
                    .isInstanceOf(ExceptionInInitializerError.class)
                    .hasCauseInstanceOf(NumberFormatException.class)
                    .hasRootCauseMessage("For input string: \"no number of one\"");
        }
    }

    @Test
    void anExceptionOfThePluginsOwn() throws Exception {
        try (var loader = loader(one)) {
            var failing = plugin(loader).failing();
            var failure = loader.loadClass("plugin.Plugin$Failure").asSubclass(RuntimeException.class);
            assertThatThrownBy(() -> ChildProcess.call(failing))
                    .isInstanceOf(failure)
                    .hasMessage("of one");
        }
    }

    @Test
    void aProxyWithInterfacesOfSeveralLoaders() throws Exception {
        try (var loader = loader(one)) {
            var item = plugin(loader).item().call();
            // the first interface is the JDK's, whose loader knows no other
            var proxy = (Plugin) Proxy.newProxyInstance(
                    loader, new Class<?>[] {Comparable.class, Serializable.class, Plugin.class}, new Handler(item));
            assertThat(ChildProcess.call(() -> proxy.name().call())).isEqualTo("name of Item[name=item of one]");
        }
    }

    private record Handler(Object item) implements InvocationHandler, Serializable {
        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) {
            String name = method.getName() + " of " + item;
            return (SerializableCallable<String>) () -> name;
        }
    }

    @Test
    void aLoaderThatKeepsItsClassesToItselfIsNamed() throws Exception {
        try (var source = loader(one)) {
            var task = plugin(new Secretive(source)).name();
            assertThatThrownBy(() -> ChildProcess.call(task))
                    .isInstanceOfAny(RemoteTaskException.class, RuntimeException.class)
                    .hasMessageContaining("plugin.Plugin")
                    .hasMessageContaining("does not give its bytes");
        }
    }

    @Test
    void aLoaderIsHeldWhileAChildMayAskIt() throws Exception {
        try (var queue = SharedQueue.<SerializableCallable<Object>>create();
                var pool = Pool.open(1)) {
            pool.apply(() -> "there is a child");
            putItemOfForgottenLoader(queue);
            System.gc();
            assertThat(pool.apply(() -> queue.take().call())).hasToString("Item[name=item of one]");
        }
    }

    @SuppressWarnings("resource") // it is forgotten, not closed
    private static void putItemOfForgottenLoader(SharedQueue<SerializableCallable<Object>> queue) throws Exception {
        queue.put(plugin(loader(one)).item());
    }
}
