/// Larger jobs, each done alone and in a pool, and compared: how to cut a job into tasks, and what that gains.
@NullMarked
package io.github.procession.examples.jobs;

import org.jspecify.annotations.NullMarked;
