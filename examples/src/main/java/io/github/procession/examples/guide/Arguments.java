package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import io.github.procession.SharedQueue;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/// What goes with a target into its process.
public final class Arguments {
    private Arguments() {}

    // tag::record[]
    record Order(String item, int count) implements Serializable {}

    static void print(Order order, List<String> notes) {
        System.out.println(order.count() + " times " + order.item() + " " + notes);
    }
    // end::record[]

    static void append(List<String> list) {
        list.add("from the child");
    }

    public static void main(String[] args) throws Exception {
        arguments();
        copies();
        refused();
        handles();
    }

    private static void arguments() throws InterruptedException {
        // tag::arguments[]
        var order = new Order("tea", 2);
        ChildProcess.of(Arguments::print, order, List.of("with milk")).start().join();

        String note = "with sugar"; // a lambda takes along what it uses
        ChildProcess.of(() -> print(order, List.of(note))).start().join();
        // end::arguments[]
    }

    private static void copies() throws InterruptedException {
        // tag::copies[]
        var list = new ArrayList<>(List.of("from the parent"));
        ChildProcess.of(Arguments::append, list).start().join();
        System.out.println(list); // [from the parent]: the child has changed its copy
        // end::copies[]
    }

    private static void refused() {
        // tag::refused[]
        record Printer(Object out) implements Serializable {}
        var printer = new Printer(new Object()); // an Object is not serializable
        try {
            ChildProcess.of(() -> System.out.println(printer)).start();
        } catch (IllegalArgumentException e) {
            System.out.println(e.getMessage());
        }
        // end::refused[]
    }

    private static void handles() throws InterruptedException {
        // tag::handles[]
        try (var requests = SharedQueue.<SharedQueue<String>>create();
                var answers = SharedQueue.<String>create()) {
            var server =
                    ChildProcess.of(() -> requests.take().put("Here you are.")).start();
            requests.put(answers); // a handle in a queue: the child gets the same queue, not a copy
            System.out.println(answers.take());
            server.join();
        }
        // end::handles[]
    }
}
