package io.github.procession.internal.wire;

/// What a value begins with; the forms are in [Codec].
final class Tag {
    static final byte NULL = 0;
    static final byte TRUE = 1;
    static final byte FALSE = 2;
    static final byte INT = 3;
    static final byte LONG = 4;
    static final byte DOUBLE = 5;
    static final byte STRING = 6;
    static final byte BYTES = 7;
    static final byte MIXED = 8;
    static final byte OBJECT = 9;
    static final byte SHELL = 10;
    static final byte ARRAY = 11;
    static final byte PART = 12;
    static final byte KNOWN = 13;
    static final byte CHARS = 14;
    static final byte BYTE = 15;
    static final byte SHORT = 16;
    static final byte CHAR = 17;
    static final byte FLOAT = 18;
    static final byte INSTANT = 19;
    static final byte DURATION = 20;
    static final byte DATE = 21;
    static final byte TIME = 22;
    static final byte DATE_TIME = 23;
    static final byte ID = 24;
    static final byte BIG_INTEGER = 25;
    static final byte BIG_DECIMAL = 26;
    static final byte ENUM = 27;

    /// From here on the objects have an identity, and a number in the message.
    static final byte RECORD = 28;

    static final byte LAMBDA = 29;
    static final byte OPTIONAL = 30;
    static final byte ENTRY = 31;
    static final byte ARRAY_LIST = 32;
    static final byte LIST_OF = 33;
    static final byte LIST_OF_NULLS = 34;
    static final byte SET_OF = 35;
    static final byte MAP_OF = 36;
    static final byte HASH_MAP = 37;
    static final byte LINKED_MAP = 38;
    static final byte TREE_MAP = 39;
    static final byte HASH_SET = 40;
    static final byte LINKED_SET = 41;
    static final byte TREE_SET = 42;
    static final byte OBJECTS = 43;
    static final byte STRINGS = 44;
    static final byte BOOLEANS = 45;
    static final byte HANDLE = 46;

    private Tag() {}
}
