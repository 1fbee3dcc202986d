package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import io.github.procession.StartMethod;

/// Children one after the other, each in a JVM that booted while the one before was at work.
public final class Sparing {
    private Sparing() {}

    public static void main(String[] args) throws InterruptedException {
        // tag::spare[]
        for (int i = 1; i <= 3; i++) {
            int job = i;
            ChildProcess.of(() -> System.out.println("job " + job))
                    .options(o -> o.startMethod(StartMethod.SPARE))
                    .start()
                    .join();
        }
        // end::spare[]
    }
}
