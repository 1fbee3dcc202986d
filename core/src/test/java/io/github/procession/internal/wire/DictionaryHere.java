package io.github.procession.internal.wire;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// A dictionary for tests, of some size, that can be out of reach.
final class DictionaryHere implements Dictionary {
    private final List<ByteBuffer> definitions = new ArrayList<>();
    private final int most;
    private boolean gone;

    DictionaryHere(int most) {
        this.most = most;
    }

    void setGone(boolean is) {
        gone = is;
    }

    int size() {
        return definitions.size();
    }

    private void require() {
        if (gone) {
            throw new IllegalStateException("The root is gone");
        }
    }

    @Override
    public int numberOf(byte[] definition) {
        require();
        var key = ByteBuffer.wrap(definition.clone());
        if (!definitions.contains(key) && definitions.size() < most) {
            definitions.add(key);
        }
        return definitions.indexOf(key) + 1;
    }

    @Override
    public byte[] definition(int number) {
        require();
        if (number < 1 || number > definitions.size()) {
            throw new IllegalStateException("There is no definition " + number);
        }
        return definitions.get(number - 1).array().clone();
    }
}
