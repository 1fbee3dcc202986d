package io.github.procession;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HouseTest {
    private static final String HOUSE = "io.github.procession";

    private final List<JavaFileObject> sources = new ArrayList<>();

    @TempDir
    Path folder;

    @Test
    void theHouseKeepsItsRules() throws Exception {
        var door = Objects.requireNonNull(HouseTest.class.getResource("/io/github/procession/package-info.class"));
        assertThat(HouseRules.violations(
                        Path.of(door.toURI()).resolve("../../../..").normalize()))
                .isEmpty();
    }

    @Test
    void roomsThatOnlyPointDownAreFine() throws Exception {
        house("function.F", "public interface F {}");
        house("internal.os.Os", "public class Os { java.lang.foreign.Linker.Option linker; }");
        house("internal.memory.Store", "public class Store { ~.internal.os.Os os; ~.function.F f; }");
        house(
                "Roof",
                "public class Roof { private ~.internal.memory.Store store; public ~.function.F f() { return null; } }");
        assertThat(violations()).isEmpty();
    }

    @Test
    void aPackageCycleIsFound() throws Exception {
        house("internal.a.A", "public class A { ~.internal.b.B b; }");
        house("internal.b.B", "public class B { Object c() { return new ~.internal.c.C(); } }");
        house("internal.c.C", "public class C { void a(java.util.List<~.internal.a.A> list) {} }");
        house(
                "internal.d.AboveTheCycle",
                "public class AboveTheCycle { ~.internal.a.A a; ~.internal.e.BelowTheCycle e; }");
        house("internal.e.BelowTheCycle", "public class BelowTheCycle {}");
        assertThat(violations())
                .containsExactly(
                        "~.internal.a -> ~.internal.b is part of a package cycle: A refers to B",
                        "~.internal.b -> ~.internal.c is part of a package cycle: B refers to C",
                        "~.internal.c -> ~.internal.a is part of a package cycle: C refers to A");
    }

    @Test
    void theRoofSeenFromBelowIsFound() throws Exception {
        house("Roof", "public class Roof {}");
        house("internal.a.A", "public class A { static boolean roof(Object o) { return o instanceof ~.Roof; } }");
        house("function.F", "public interface F { void f() throws ~.RoofException; }");
        house("RoofException", "public class RoofException extends Exception {}");
        house("spi.S", "public @interface S { Class<? extends ~.Roof> value(); }");
        assertThat(violations())
                .containsExactly(
                        "~.function.F refers to ~.RoofException, which is the roof",
                        "~.internal.a.A refers to ~.Roof, which is the roof",
                        "~.spi.S refers to ~.Roof, which is the roof");
    }

    @Test
    void aLinkerElsewhereIsFound() throws Exception {
        house("internal.os.Os", "class Os { Object linker = java.lang.foreign.Linker.nativeLinker(); }");
        house("internal.ring.Ring", "class Ring { Object linker = java.lang.foreign.Linker.nativeLinker(); }");
        house("internal.ring.Option", "class Option { void f(java.lang.foreign.Linker.Option... options) {} }");
        assertThat(violations())
                .contains(
                        "~.internal.ring.Ring refers to java.lang.foreign.Linker, which is for internal.os alone",
                        "~.internal.ring.Option refers to java.lang.foreign.Linker$Option, which is for internal.os alone")
                .noneMatch(sentence -> sentence.contains("internal.os.Os"));
    }

    @Test
    void aLookAtTheWallClockIsFound() throws Exception {
        house("internal.a.A", "class A { long now() { return System.currentTimeMillis(); } }");
        house("internal.b.B", "class B { Object now() { return java.time.Instant.now(); } }");
        house("internal.c.C", "class C { long now() { return System.nanoTime(); } }");
        house("SharedCondition", "class SharedCondition { long now() { return System.currentTimeMillis(); } }");
        assertThat(violations())
                .containsExactly(
                        "~.internal.a.A asks the wall clock (java.lang.System.currentTimeMillis): people set it; System.nanoTime is not set",
                        "~.internal.b.B asks the wall clock (java.time.Instant.now): people set it; System.nanoTime is not set");
    }

    @Test
    void aRoomWithoutADoorPlateIsFound() throws Exception {
        house("internal.a.A", "class A {}");
        sources.add(new Source("~.bare.B", "package ~.bare; class B {}"));
        assertThat(violations()).containsExactly("~.bare has no package-info with @NullMarked");
    }

    @Test
    void anInternalTypeInAnExportedSignatureIsFound() throws Exception {
        house("internal.a.A", "public class A {}");
        house("Shown", "public class Shown { protected java.util.List<~.internal.a.A> a; }");
        house("Hidden", "public class Hidden { private ~.internal.a.A a; } class Below extends ~.internal.a.A {}");
        sources.add(new Source("module-info", "module house { exports ~; }"));
        assertThat(violations()).containsExactly("~.Shown shows ~.internal.a.A to users, which is not exported");
    }

    /// Adds a class to the seeded house, in a room with a door-plate. A `~` stands for the library's package.
    private void house(String name, String body) {
        var room = "~." + name.substring(0, Math.max(0, name.lastIndexOf('.')));
        room = room.endsWith(".") ? "~" : room;
        sources.add(new Source("~." + name, "package " + room + "; " + body));
        var plate = new Source(room + ".package-info", "package " + room + ";");
        if (sources.stream().noneMatch(source -> source.getName().equals(plate.getName()))) {
            sources.add(plate);
        }
    }

    private List<String> violations() throws Exception {
        var options = List.of("-d", folder.toString(), "-Xpkginfo:always", "-proc:none");
        var compiler = ToolProvider.getSystemJavaCompiler();
        assertThat(compiler.getTask(null, null, null, options, null, sources).call())
                .isTrue();
        return HouseRules.violations(folder).stream()
                .map(sentence -> sentence.replace(HOUSE, "~"))
                .toList();
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        Source(String name, String text) {
            super(URI.create("seeded:/" + name.replace("~", HOUSE).replace('.', '/') + ".java"), Kind.SOURCE);
            this.text = text.replace("~", HOUSE);
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
