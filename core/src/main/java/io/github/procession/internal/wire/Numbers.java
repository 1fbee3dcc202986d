package io.github.procession.internal.wire;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Gives objects numbers by their identity, from 0 on. For one thread.
@SuppressWarnings("ReferenceEquality") // that is what it is for
final class Numbers {
    /*
     * Few objects are compared one by one. More have an open hash table of their numbers + 1; asking an object for its
     * identity hash for the first time takes longer than to compare it with a dozen.
     */
    private static final int FEW = 16;

    private @Nullable Object[] objects = new @Nullable Object[FEW];
    private int count;
    private int[] table = {};

    /// The number of an object, -1 if it has none.
    int find(Object object) {
        if (table.length > 0) {
            return table[place(object)] - 1;
        }
        for (int i = 0; i < count; i++) {
            if (objects[i] == object) {
                return i;
            }
        }
        return -1;
    }

    /// Gives the next number to an object that has none.
    int add(Object object) {
        int number = count++;
        if (number == objects.length) {
            objects = Arrays.copyOf(objects, 2 * number);
        }
        objects[number] = object;
        if (count > FEW && 2 * count > table.length) {
            table = new int[8 * Integer.highestOneBit(count)];
            for (int i = 0; i < count; i++) {
                table[place(objects[i])] = i + 1;
            }
        } else if (table.length > 0) {
            table[place(object)] = number + 1;
        }
        return number;
    }

    private int place(@Nullable Object object) {
        int mask = table.length - 1;
        int hash = System.identityHashCode(object);
        int at = (hash ^ hash >>> 15) & mask;
        while (table[at] != 0 && objects[table[at] - 1] != object) {
            at = at + 1 & mask;
        }
        return at;
    }
}
