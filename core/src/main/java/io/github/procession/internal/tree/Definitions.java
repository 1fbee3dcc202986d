package io.github.procession.internal.tree;

import io.github.procession.internal.wire.Dictionary;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The root's dictionary. What is in it stays, so it takes no more than some bytes in all. Safe for use by any thread.
final class Definitions implements Dictionary {
    private static final int MOST = 1 << 14;
    private static final long MOST_BYTES = 16 << 20;

    private final Map<ByteBuffer, Integer> numbers = new HashMap<>(); // guarded by this
    private final List<byte[]> definitions = new ArrayList<>(); // by number - 1; guarded by this
    private long bytes; // guarded by this

    @Override
    public synchronized int numberOf(byte[] definition) {
        var known = numbers.get(ByteBuffer.wrap(definition));
        if (known != null) {
            return known;
        }
        if (definitions.size() == MOST || definition.length > MOST_BYTES - bytes) {
            return NONE;
        }
        byte[] kept = definition.clone();
        bytes += kept.length;
        definitions.add(kept);
        numbers.put(ByteBuffer.wrap(kept), definitions.size());
        return definitions.size();
    }

    @Override
    public synchronized byte[] definition(int number) {
        if (number < 1 || number > definitions.size()) {
            throw new IllegalStateException("There is no definition " + number);
        }
        return definitions.get(number - 1).clone();
    }
}
