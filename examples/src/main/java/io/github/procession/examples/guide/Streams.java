package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import io.github.procession.Output;
import io.github.procession.SharedQueue;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;

/// Where the output of children goes, and where their input comes from.
public final class Streams {
    private Streams() {}

    // tag::report[]
    static void report() throws Exception {
        System.out.println("a line");
        new ProcessBuilder("echo", "from a program").inheritIO().start().waitFor();
    }
    // end::report[]

    // tag::die[]
    static void die() {
        System.out.println("out at once");
        System.out.print("without a line's end");
        Runtime.getRuntime().halt(7);
    }
    // end::die[]

    // tag::read[]
    static void greet(SharedQueue<String> lines) throws Exception {
        System.out.println("System.in: " + System.in.read()); // -1: there is nothing in it
        System.out.println("Hello " + lines.take());
    }
    // end::read[]

    public static void main(String[] args) throws Exception {
        // tag::modes[]
        for (var output : Output.values())
            ChildProcess.of(Streams::report)
                    .name("reporter")
                    .options(o -> o.output(output))
                    .start()
                    .join();
        // end::modes[]

        // tag::capture[]
        var usual = System.out;
        var caught = new ByteArrayOutputStream();
        System.setOut(new PrintStream(caught, true));
        ChildProcess.of(Streams::die).start().join(); // join: all of its output has been passed on
        System.setOut(usual);
        System.out.print(caught); // two whole lines
        // end::capture[]

        // tag::input[]
        try (var lines = SharedQueue.<String>create()) {
            var p = ChildProcess.of(Streams::greet, lines).start();
            lines.put("world"); // what the parent has read
            p.join();
        }
        // end::input[]
    }
}
