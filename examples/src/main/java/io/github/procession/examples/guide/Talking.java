package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import io.github.procession.Connection;
import io.github.procession.Pipe;
import io.github.procession.Waitable;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;

/// Pipes, and waiting for several at once.
public final class Talking {
    private Talking() {}

    // tag::child[]
    static void answer(Connection parent) throws IOException, InterruptedException {
        try (parent) {
            while (true) {
                String question = parent.receive(String.class);
                parent.send(question.toUpperCase(java.util.Locale.ROOT));
            }
        } catch (EOFException e) {
            System.out.println("The parent has closed its end.");
        }
    }
    // end::child[]

    private static void talk() throws IOException, InterruptedException {
        // tag::parent[]
        var pipe = Pipe.open();
        var child = ChildProcess.of(Talking::answer, pipe.right()).start();
        pipe.right().close(); // the child's from here on
        pipe.left().send("hello");
        System.out.println(pipe.left().receive()); // HELLO
        pipe.left().close();
        child.join();
        // end::parent[]
    }

    static void count(Connection parent, int from) throws IOException, InterruptedException {
        parent.send(from);
        parent.send(from + 1);
    }

    private static void listen() throws IOException, InterruptedException {
        // tag::any[]
        var open = new ArrayList<Connection>();
        for (int i = 0; i < 3; i++) {
            var pipe = Pipe.oneWay(); // right sends, left receives
            var _ = ChildProcess.of(Talking::count, pipe.right(), i * 10).start();
            pipe.right().close();
            open.add(pipe.left());
        }
        int sum = 0;
        while (!open.isEmpty()) {
            for (var ready : Waitable.waitAny(open)) {
                var connection = (Connection) ready;
                try {
                    sum += connection.receive(Integer.class);
                } catch (EOFException e) { // its last holder has ended
                    open.remove(connection);
                    connection.close();
                }
            }
        }
        System.out.println(sum); // 63
        // end::any[]
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        talk();
        listen();
    }
}
