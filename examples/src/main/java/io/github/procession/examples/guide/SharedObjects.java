package io.github.procession.examples.guide;

import io.github.procession.ChildProcess;
import io.github.procession.Pool;
import io.github.procession.Shared;
import io.github.procession.SharedMemory;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;

/// An object that all read, and memory that has a name.
public final class SharedObjects {
    private SharedObjects() {}

    // tag::named[]
    static void measure(String name) {
        try (var memory = SharedMemory.open(name)) {
            memory.segment().setAtIndex(ValueLayout.JAVA_DOUBLE, 1, 21.5);
        }
    }
    // end::named[]

    public static void main(String[] args) throws Exception {
        object();
        memory();
    }

    private static void object() throws Exception {
        // tag::object[]
        var prices = Map.of("tea", 3, "coffee", 4); // imagine it large
        try (var shared = Shared.of(prices); // serialized here, once
                var pool = Pool.open(2)) {
            var bill = pool.map(
                    List.of("tea", "coffee", "tea"), item -> shared.get().getOrDefault(item, 0));
            System.out.println(bill); // [3, 4, 3]: each worker has rebuilt the map once
        }
        // end::object[]
    }

    private static void memory() throws InterruptedException {
        // tag::memory[]
        try (var memory = SharedMemory.create("sensors", 64)) {
            ChildProcess.of(SharedObjects::measure, "sensors").start().join();
            System.out.println(memory.segment().getAtIndex(ValueLayout.JAVA_DOUBLE, 1)); // 21.5
        }
        try {
            SharedMemory.open("sensors");
        } catch (IllegalStateException e) {
            System.out.println(e.getMessage());
        }
        // end::memory[]
    }
}
