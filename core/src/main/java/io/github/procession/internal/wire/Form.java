package io.github.procession.internal.wire;

import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// How values of one class are written. Found out once for each class, and kept with the class.
sealed class Form permits EnumForm, LambdaForm, RecordForm {
    private static final Form FOREIGN = new Form(Tag.OBJECT);
    private static final Form SHARED = new Form(Tag.HANDLE);
    private static final Map<Class<?>, Form> OF_JDK = ofJdk();

    private static final ClassValue<Form> FORMS = new ClassValue<>() {
        @Override
        protected Form computeValue(Class<?> type) {
            return find(type);
        }
    };

    private final byte tag;

    Form(byte tag) {
        this.tag = tag;
    }

    static Form of(Class<?> type) {
        return FORMS.get(type);
    }

    byte tag() {
        return tag;
    }

    /// Whether the class has no form of its own: Java's serialization writes it.
    final boolean isForeign() {
        return tag == Tag.OBJECT;
    }

    /// Whether what has this tag has an identity that must not get lost.
    static boolean hasIdentity(byte tag) {
        return tag >= Tag.RECORD || tag == Tag.ARRAY || tag == Tag.BYTES;
    }

    /// Whether an object can be referred to before all of it is there, as by itself.
    static boolean isOpen(byte tag) {
        return switch (tag) {
            case Tag.RECORD, Tag.LAMBDA, Tag.OPTIONAL, Tag.ENTRY, Tag.HANDLE -> false;
            case Tag.LIST_OF, Tag.LIST_OF_NULLS, Tag.SET_OF, Tag.MAP_OF -> false;
            default -> true;
        };
    }

    private static Form find(Class<?> type) {
        Form known = OF_JDK.get(type);
        Form found = known;
        if (found == null && !ShellCode.made(type)) {
            if (type.isRecord()) {
                found = RecordForm.find(type);
            } else if (Enum.class.isAssignableFrom(type) && type != Enum.class) {
                found = EnumForm.find(type);
            } else if (type.isHidden()) {
                found = LambdaForm.find(type);
            } else if (HandleForm.get().isShared(type)) {
                found = SHARED;
            }
        }
        return found == null ? FOREIGN : found;
    }

    private static Map<Class<?>, Form> ofJdk() {
        var forms = new HashMap<Class<?>, Form>();
        put(forms, Tag.BYTE, Byte.class);
        put(forms, Tag.SHORT, Short.class);
        put(forms, Tag.CHAR, Character.class);
        put(forms, Tag.FLOAT, Float.class);
        put(forms, Tag.INT, Integer.class);
        put(forms, Tag.LONG, Long.class);
        put(forms, Tag.DOUBLE, Double.class);
        put(forms, Tag.TRUE, Boolean.class);
        put(forms, Tag.STRING, String.class);
        put(forms, Tag.INSTANT, Instant.class);
        put(forms, Tag.DURATION, Duration.class);
        put(forms, Tag.DATE, LocalDate.class);
        put(forms, Tag.TIME, LocalTime.class);
        put(forms, Tag.DATE_TIME, LocalDateTime.class);
        put(forms, Tag.ID, UUID.class);
        put(forms, Tag.BIG_INTEGER, BigInteger.class);
        put(forms, Tag.BIG_DECIMAL, BigDecimal.class);
        put(forms, Tag.BYTES, byte[].class);
        put(forms, Tag.ARRAY, short[].class, char[].class, int[].class, long[].class, float[].class, double[].class);
        put(forms, Tag.BOOLEANS, boolean[].class);
        put(forms, Tag.OBJECTS, Object[].class);
        put(forms, Tag.STRINGS, String[].class);
        put(forms, Tag.OPTIONAL, Optional.class);
        put(forms, Tag.ENTRY, Map.entry(0, 0).getClass());
        put(forms, Tag.ARRAY_LIST, ArrayList.class);
        put(forms, Tag.LIST_OF, List.of().getClass(), List.of(0).getClass());
        put(forms, Tag.SET_OF, Set.of().getClass(), Set.of(0).getClass());
        put(forms, Tag.MAP_OF, Map.of().getClass(), Map.of(0, 0).getClass());
        put(forms, Tag.HASH_MAP, HashMap.class);
        put(forms, Tag.LINKED_MAP, LinkedHashMap.class);
        put(forms, Tag.TREE_MAP, TreeMap.class);
        put(forms, Tag.HASH_SET, HashSet.class);
        put(forms, Tag.LINKED_SET, LinkedHashSet.class);
        put(forms, Tag.TREE_SET, TreeSet.class);
        return Map.copyOf(forms);
    }

    private static void put(Map<Class<?>, Form> forms, byte tag, Class<?>... types) {
        var form = new Form(tag);
        for (var type : types) {
            forms.put(type, form);
        }
    }

    /// Whether a class replaces its objects when they are written or read, so that only Java's serialization is right.
    static boolean isReplaced(Class<?> type) {
        for (var method : type.getDeclaredMethods()) { // no stream, which a child would have to link when it begins
            boolean named =
                    method.getName().equals("writeReplace") || method.getName().equals("readResolve");
            if (named && !Modifier.isStatic(method.getModifiers()) && method.getParameterCount() == 0) {
                return true;
            }
        }
        return false;
    }

    /// Text in a description of a class.
    static void text(Buffer out, @Nullable String text) {
        out.writeText((text == null ? "" : text).getBytes(StandardCharsets.UTF_8));
    }
}
