package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/// Code that may never end.
public final class Limits {
    private Limits() {}

    // tag::limit[]
    static int forever() {
        while (true) {} // no thread in the same JVM could be stopped here
    }

    public static void main(String[] args) throws Exception {
        try {
            ChildProcess.call(Limits::forever, Duration.ofSeconds(1));
        } catch (TimeoutException e) {
            System.out.println("Stopped at its limit.");
        }
    }
    // end::limit[]
}
