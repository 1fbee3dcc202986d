/// A real job over real files: parse every Java source of the JDK that runs it, count what is there, find the longest
/// method.
///
/// [SourceJob] is the job and the file to read first: alone, in a pool, in a pool whose workers crash. [Corpus] is what it
/// works on; items are names, and whoever gets one reads the file itself. [Totals] is what it finds, and how partial
/// results add up.
@NullMarked
package io.github.procession.examples.sources;

import org.jspecify.annotations.NullMarked;
