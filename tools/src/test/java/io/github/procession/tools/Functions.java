package io.github.procession.tools;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/// What a user of `procession map` may have. Not on the class path of the command line itself.
final class Functions {
    private static final int EXIT_CODE = 7;

    private Functions() {}

    static String echo(String input) throws InterruptedException {
        if (input.equals("slow")) {
            Thread.sleep(Duration.ofMillis(300)); // the others overtake it
        }
        return "<" + input + ">";
    }

    static long size(Path file) throws Exception {
        return Files.size(file);
    }

    static void print(String input) {
        System.out.println("printed " + input);
    }

    static Object[] odd(String input) {
        return new Object[] {input, null};
    }

    static String fail(String input) throws BrokenInput {
        if (input.startsWith("bad")) {
            throw new BrokenInput(input, new IllegalStateException("the reason"));
        }
        return input;
    }

    /// Known to the worker alone, and not serializable.
    @SuppressWarnings("serial")
    static final class BrokenInput extends Exception {
        private final transient Object thing = new Object();

        BrokenInput(String message, Throwable cause) {
            super(message, cause);
        }

        @Override
        public String toString() {
            return "BrokenInput: " + getMessage() + (thing == null ? "?" : "");
        }
    }

    static String stick(String input) throws InterruptedException {
        switch (input) {
            case "sleep" -> Thread.sleep(Duration.ofHours(1));
            case "spin" -> spin();
            default -> {}
        }
        return input;
    }

    private static void spin() {
        while (true) {
            Thread.onSpinWait();
        }
    }

    static String halt(String input) {
        if (input.equals("halt")) {
            System.err.println("last words");
            Runtime.getRuntime().halt(EXIT_CODE);
        }
        return input;
    }

    static String crash(String input) {
        if (input.equals("crash")) {
            return "" + MemorySegment.NULL.reinterpret(1).get(ValueLayout.JAVA_BYTE, 0);
        }
        return input;
    }

    /// Dies twice with the same file, which counts.
    static long haltTwice(Path file) throws Exception {
        Files.writeString(file, ".", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        if (Files.size(file) < 3) {
            Runtime.getRuntime().halt(EXIT_CODE);
        }
        return Files.size(file);
    }

    static long heap(String input) {
        return Runtime.getRuntime().maxMemory() / Integer.parseInt(input);
    }

    static String wait(String input) throws InterruptedException {
        System.out.println("waiting");
        Thread.sleep(Duration.ofHours(1));
        return input;
    }

    static int add(int a, int b) {
        return a + b;
    }

    static int twice(int a) {
        return 2 * a;
    }

    String own(String input) {
        return input + this;
    }
}
