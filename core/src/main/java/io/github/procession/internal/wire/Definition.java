package io.github.procession.internal.wire;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What a class, a constant or a lambda is, as bytes: what a block says besides its loader. Safe for use by any thread.
final class Definition {
    /// It goes along so many times before it gets a number: most programs say most things a few times.
    private static final int OFTEN = 16;

    private final byte[] bytes;
    private final int hash;
    private int uses; // written by all threads without care; it is only a guess
    private volatile @Nullable Entry entry;

    private record Entry(Dictionary dictionary, int number) {}

    Definition(Buffer out) {
        bytes = out.toByteArray();
        hash = Arrays.hashCode(bytes);
    }

    byte[] bytes() {
        return bytes;
    }

    int hash() {
        return hash;
    }

    /// Its number in a dictionary; [Dictionary#NONE] if it goes along.
    int number(Dictionary dictionary) {
        var known = entry;
        if (known != null && known.dictionary.equals(dictionary)) {
            return known.number;
        }
        if (++uses < OFTEN) {
            return Dictionary.NONE;
        }
        uses = 0;
        try {
            int number = dictionary.numberOf(bytes);
            entry = new Entry(dictionary, number);
            return number;
        } catch (IllegalStateException e) {
            return Dictionary.NONE; // it is asked for again; whether anything can be said is seen elsewhere
        }
    }
}
