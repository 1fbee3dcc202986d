package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import io.github.procession.TaskException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What becomes of exceptions.
public final class Failing {
    private Failing() {}

    static void fail() {
        throw new IllegalStateException("no paper");
    }

    static String read() throws IOException {
        return Files.readString(Path.of("no such file"));
    }

    public static void main(String[] args) throws Exception {
        uncaught();
        called();
    }

    private static void uncaught() throws InterruptedException {
        // tag::uncaught[]
        var p = ChildProcess.of(Failing::fail).start();
        p.join(); // does not throw
        System.out.println(p.exitStatus().orElseThrow()); // exit code 1; the trace is on standard error
        // end::uncaught[]
    }

    private static void called() throws InterruptedException {
        // tag::call[]
        try {
            ChildProcess.call(() -> Integer.parseInt("four"));
        } catch (NumberFormatException e) { // an unchecked exception arrives as itself
            System.out.println(e.getMessage());
        }
        try {
            ChildProcess.call(Failing::read);
        } catch (TaskException e) { // a checked one as the cause of a TaskException
            System.out.println(e.getCause());
        }
        // end::call[]
    }
}
