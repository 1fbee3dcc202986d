package io.github.procession.testing;

import java.util.List;
import java.util.function.Supplier;

/// Asks some part of the program what of it is alive, in words that name each thing: "queue 17, attached by slots 1, 3".
/// What a test adds to that list and does not take away again fails it.
///
/// Probes are found by [java.util.ServiceLoader].
public interface LeftoverProbe extends Supplier<List<String>> {}
