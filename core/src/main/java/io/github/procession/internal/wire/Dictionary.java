package io.github.procession.internal.wire;

/// Definitions that all processes of a tree know by number, so that what they say to each other again and again need not
/// repeat them. Safe for use by any thread.
public interface Dictionary {
    /// The number of no definition.
    int NONE = 0;

    /// One that is empty and stays so.
    Dictionary EMPTY = new Dictionary() {
        @Override
        public int numberOf(byte[] definition) {
            return NONE;
        }

        @Override
        public byte[] definition(int number) {
            throw new IllegalStateException("There is no definition " + number);
        }
    };

    /// The number of a definition, from 1 on. It means the same in all processes as long as the tree lives.
    ///
    /// @return [#NONE] if there is no room for it
    /// @throws IllegalStateException if it cannot be found out
    int numberOf(byte[] definition);

    /// What has that number.
    ///
    /// @throws IllegalStateException if nothing has, or it cannot be found out
    byte[] definition(int number);
}
