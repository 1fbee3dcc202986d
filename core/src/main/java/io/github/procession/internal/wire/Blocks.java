package io.github.procession.internal.wire;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// What blocks of bytes have said: the forms of records, constants of enums, makers of lambdas. Safe for use by any thread.
final class Blocks {
    /*
     * Nothing here keeps a class: what a block has said is held by its class, and here weakly. When there are too many blocks,
     * all are forgotten, and those that are still needed come back.
     */
    private static final int MOST = 4096;

    private static final ClassValue<Map<Object, Object>> KEPT = new ClassValue<>() {
        @Override
        protected Map<Object, Object> computeValue(Class<?> type) {
            return new ConcurrentHashMap<>();
        }
    };

    private final Dictionary dictionary;
    private final Map<Block, WeakReference<Object>> said = new ConcurrentHashMap<>();
    private final Map<Integer, WeakReference<Object>> numbered = new ConcurrentHashMap<>(); // as in the dictionary

    /// @param dictionary the blocks that have numbers
    Blocks(Dictionary dictionary) {
        this.dictionary = dictionary;
    }

    /// Bytes as a key.
    private static final class Block {
        private final byte[] bytes;
        private final int from;
        private final int to;
        private final int hash;

        Block(byte[] bytes, int from, int to, int hash) {
            this.bytes = bytes;
            this.from = from;
            this.to = to;
            this.hash = hash;
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Block block && Arrays.equals(bytes, from, to, block.bytes, block.from, block.to);
        }
    }

    /// What these bytes have said; null if that is not known.
    ///
    /// @param hash of the bytes, by whatever function
    @Nullable Object get(byte[] bytes, int from, int to, int hash) {
        var reference = said.get(new Block(bytes, from, to, hash));
        return reference == null ? null : reference.get();
    }

    void put(byte[] bytes, int from, int to, int hash, Object meaning) {
        if (said.size() >= MOST) {
            said.clear();
        }
        said.put(new Block(Arrays.copyOfRange(bytes, from, to), 0, to - from, hash), new WeakReference<>(meaning));
    }

    /// What the definition with that number has said; null if that is not known.
    @Nullable Object get(int number) {
        var reference = numbered.get(number);
        return reference == null ? null : reference.get();
    }

    void put(int number, Object meaning) {
        numbered.put(number, new WeakReference<>(meaning));
    }

    /// The definition with that number.
    ///
    /// @throws IOException if it is not to be had
    byte[] definition(int number) throws IOException {
        try {
            return dictionary.definition(number);
        } catch (IllegalStateException e) {
            throw new IOException("A value of definition " + number + ": " + e.getMessage(), e);
        }
    }

    /// Keeps something as long as its class.
    static <T> T keep(Class<?> type, Object key, T meaning) {
        KEPT.get(type).put(key, meaning);
        return meaning;
    }
}
