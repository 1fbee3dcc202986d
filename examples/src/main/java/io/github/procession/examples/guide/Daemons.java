package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import java.time.Duration;

/// Who is waited for at the end, and who is not.
public final class Daemons {
    private Daemons() {}

    // tag::daemon[]
    static void tick() throws InterruptedException {
        while (true) Thread.sleep(Duration.ofSeconds(1));
    }

    static void save() throws InterruptedException {
        Thread.sleep(Duration.ofMillis(500));
        System.out.println("Saved.");
    }

    public static void main(String[] args) {
        ChildProcess.of(Daemons::tick).daemon(true).start(); // stopped when main is over
        ChildProcess.of(Daemons::save).start(); // waited for
        System.out.println("The end of main.");
    }
    // end::daemon[]
}
