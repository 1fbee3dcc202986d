package io.github.procession.internal.wire;

import java.util.Objects;

/// How the constants of an enum are written: as the class and the name, which is a block that needs to be read once.
final class EnumForm extends Form {
    private final Class<?> type;
    private final Definition[] definitions; // by ordinal

    private EnumForm(Class<?> type, Object[] constants) {
        super(Tag.ENUM);
        this.type = type;
        this.definitions = new Definition[constants.length];
        for (int i = 0; i < constants.length; i++) {
            var out = new Buffer("enum");
            text(out, type.getName());
            text(out, ((Enum<?>) constants[i]).name());
            definitions[i] = new Definition(out);
        }
    }

    /// @param type the class of a constant, which is another than the enum if the constant has a body
    static Form find(Class<?> type) {
        var declaring = type.isEnum() ? type : Objects.requireNonNull(type.getSuperclass());
        return new EnumForm(declaring, Objects.requireNonNull(declaring.getEnumConstants()));
    }

    /// The enum.
    Class<?> type() {
        return type;
    }

    Definition definition(Enum<?> constant) {
        return definitions[constant.ordinal()];
    }
}
