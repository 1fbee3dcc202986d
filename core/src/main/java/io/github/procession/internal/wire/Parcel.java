package io.github.procession.internal.wire;

/// A value on its way: its bytes, and the pin that keeps the shared objects in it alive.
///
/// @param bytes what [Codec] wrote
/// @param pin   number of the pin at the root, 0 when there is nothing to keep
public record Parcel(byte[] bytes, long pin) {
    /// Whether shared objects travel in it.
    public boolean pinned() {
        return pin != 0;
    }
}
