/// Single operations within one process, by JMH: what an operation costs when nobody waits. Run by [Micro].
@NullMarked
package io.github.procession.benchmarks.micro;

import org.jspecify.annotations.NullMarked;
