package io.github.procession;

import static java.util.stream.Collectors.toSet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The rules of the house, checked on compiled classes: which room may know which, and what the door-plate must say.
final class HouseRules {
    /*
     * A class refers to what its constant pool names: classes, descriptors, signatures and annotations are all text
     * there. A constant that javac copied leaves no trace and is no dependency.
     */
    private static final String ROOF = "io.github.procession";

    private static final String LINKER = "java.lang.foreign.Linker";
    private static final Pattern TYPE = Pattern.compile("(?:io/github/procession|java/lang/foreign)/[\\w/$]+");

    /// Who may ask the wall clock, which people and time servers set: nobody for how long something took, or may take.
    private static final Map<String, String> WALL_CLOCK = Map.of(
            ROOF + ".SharedCondition", "java.lang.System.currentTimeMillis", // its interface has a Date
            ROOF + ".internal.launch.AotCache",
                    "java.nio.file.Files.getLastModifiedTime"); // which of many files may go

    private static final Set<String> CLOCKS = Set.of(
            "java.lang.System.currentTimeMillis",
            "java.nio.file.Files.getLastModifiedTime",
            "java.io.File.lastModified",
            "java.util.Date.<init>");

    private final Map<String, ClassModel> classes = new TreeMap<>();
    private final Map<String, Set<String>> references = new TreeMap<>();
    private final Set<String> exported = new TreeSet<>();

    private HouseRules(Path root) throws IOException {
        try (var files = Files.walk(root)) {
            files.filter(file -> file.toString().endsWith(".class")).forEach(this::read);
        }
        classes.forEach((name, type) -> references.put(name, referencesOf(name, type)));
    }

    /// What in the classes below `root` breaks a rule, in a sentence each.
    static List<String> violations(Path root) throws IOException {
        var rules = new HouseRules(root);
        return Stream.of(
                        rules.cycles(),
                        rules.roofFromBelow(),
                        rules.linkers(),
                        rules.namelessRooms(),
                        rules.leaks(),
                        rules.clocks())
                .flatMap(List::stream)
                .toList();
    }

    private void read(Path file) {
        try {
            var type = ClassFile.of().parse(file);
            if (type.isModuleInfo()) {
                type.findAttribute(Attributes.module()).orElseThrow().exports().stream()
                        .filter(export -> export.exportsTo().isEmpty())
                        .forEach(export -> exported.add(
                                dotted(export.exportedPackage().name().stringValue())));
            } else {
                classes.put(dotted(type.thisClass().asInternalName()), type);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Set<String> referencesOf(String name, ClassModel type) {
        var found = new TreeSet<String>();
        for (var entry : type.constantPool()) {
            if (entry instanceof Utf8Entry text) {
                found.addAll(typesIn(text.stringValue()));
            }
        }
        found.remove(name);
        return found;
    }

    private Set<String> typesIn(String text) {
        return TYPE.matcher(text)
                .results()
                .map(match -> dotted(match.group()))
                .filter(name -> classes.containsKey(name) || name.equals(LINKER) || name.startsWith(LINKER + "$"))
                .collect(toSet());
    }

    /* Rooms that need no other, or that no other needs, are taken away until none is left to take: what stays runs in circles. */
    private List<String> cycles() {
        var arrows = new TreeMap<String, Map<String, String>>();
        references.forEach((from, all) -> all.stream()
                .filter(to -> classes.containsKey(to) && !room(to).equals(room(from)))
                .forEach(to -> arrows.computeIfAbsent(room(from), _ -> new TreeMap<>())
                        .putIfAbsent(room(to), simple(from) + " refers to " + simple(to))));
        int before;
        do {
            before = arrows.values().stream().mapToInt(Map::size).sum();
            var needed =
                    arrows.values().stream().flatMap(to -> to.keySet().stream()).collect(toSet());
            arrows.keySet().retainAll(needed);
            arrows.values().forEach(to -> to.keySet().retainAll(arrows.keySet()));
        } while (before != arrows.values().stream().mapToInt(Map::size).sum());
        return arrows.entrySet().stream()
                .filter(room -> !room.getValue().isEmpty())
                .flatMap(room -> room.getValue().entrySet().stream()
                        .map(to -> "%s -> %s is part of a package cycle: %s"
                                .formatted(room.getKey(), to.getKey(), to.getValue())))
                .toList();
    }

    private List<String> roofFromBelow() {
        return each(
                (from, to) -> !room(from).equals(ROOF) && room(to).equals(ROOF), "%s refers to %s, which is the roof");
    }

    private List<String> linkers() {
        return each(
                (from, to) -> to.startsWith(LINKER) && !room(from).equals(ROOF + ".internal.os"),
                "%s refers to %s, which is for internal.os alone");
    }

    private List<String> clocks() {
        var found = new ArrayList<String>();
        classes.forEach((name, type) -> {
            for (var entry : type.constantPool()) {
                if (entry instanceof MemberRefEntry member) {
                    var called = dotted(member.owner().asInternalName()) + "."
                            + member.name().stringValue();
                    if (isWallClock(called) && !called.equals(WALL_CLOCK.get(name))) {
                        found.add("%s asks the wall clock (%s): people set it; System.nanoTime is not set"
                                .formatted(name, called));
                    }
                }
            }
        });
        return found;
    }

    private static boolean isWallClock(String called) {
        return CLOCKS.contains(called)
                || called.startsWith("java.time.Clock.")
                || called.startsWith("java.time.") && called.endsWith(".now");
    }

    private List<String> namelessRooms() {
        return classes.keySet().stream()
                .map(HouseRules::room)
                .distinct()
                .filter(room -> !classes.containsKey(room + ".package-info"))
                .map("%s has no package-info with @NullMarked"::formatted)
                .toList();
    }

    private List<String> leaks() {
        return classes.entrySet().stream()
                .filter(type -> exported.contains(room(type.getKey()))
                        && type.getValue().flags().has(AccessFlag.PUBLIC))
                .flatMap(type -> surface(type.getValue())
                        .flatMap(text -> typesIn(text).stream())
                        .filter(seen -> !exported.contains(room(seen)) && classes.containsKey(seen))
                        .distinct()
                        .map(seen -> "%s shows %s to users, which is not exported".formatted(type.getKey(), seen)))
                .toList();
    }

    /// What a user's code can name of a class: supertypes and the types of members that are public or protected.
    private static Stream<String> surface(ClassModel type) {
        var texts = new ArrayList<String>();
        type.superclass().map(ClassEntry::asInternalName).ifPresent(texts::add);
        type.interfaces().stream().map(ClassEntry::asInternalName).forEach(texts::add);
        type.findAttribute(Attributes.signature())
                .ifPresent(s -> texts.add(s.signature().stringValue()));
        for (var method : type.methods()) {
            if (method.flags().has(AccessFlag.PUBLIC) || method.flags().has(AccessFlag.PROTECTED)) {
                texts.add(method.methodType().stringValue());
                method.findAttribute(Attributes.signature())
                        .ifPresent(s -> texts.add(s.signature().stringValue()));
                method.findAttribute(Attributes.exceptions())
                        .ifPresent(e -> e.exceptions().forEach(thrown -> texts.add(thrown.asInternalName())));
            }
        }
        for (var field : type.fields()) {
            if (field.flags().has(AccessFlag.PUBLIC) || field.flags().has(AccessFlag.PROTECTED)) {
                texts.add(field.fieldType().stringValue());
                field.findAttribute(Attributes.signature())
                        .ifPresent(s -> texts.add(s.signature().stringValue()));
            }
        }
        return texts.stream();
    }

    private List<String> each(BiPredicate<String, String> breaks, String sentence) {
        var found = new ArrayList<String>();
        references.forEach((from, all) -> all.stream()
                .filter(to -> breaks.test(from, to))
                .forEach(to -> found.add(sentence.formatted(from, to))));
        return found;
    }

    private static String dotted(String internalName) {
        return internalName.replace('/', '.');
    }

    private static String room(String name) {
        return name.substring(0, name.lastIndexOf('.'));
    }

    private static String simple(String name) {
        return name.substring(name.lastIndexOf('.') + 1);
    }
}
