/// Whether the ledger catches what it is there for, and a short storm.
@NullMarked
package io.github.procession.stress;

import org.jspecify.annotations.NullMarked;
