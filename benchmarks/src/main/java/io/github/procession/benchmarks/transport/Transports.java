package io.github.procession.benchmarks.transport;

import io.github.procession.benchmarks.Series;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Messages from other processes, how many in a second, and there and back, in nanoseconds: each transport in turn in every
/// round.
///
/// ```text
/// Transports [--rounds 5] [--only REGEX] [--millis 300]
/// ```
///
/// Names are `TRANSPORT-BYTES`, with `-2p` for two producers, or `TRANSPORT-trip`. With one processor to run on (`taskset -c 0`)
/// everybody has to wait instead of spinning, and names end in `-one-cpu`.
public final class Transports {
    private static final List<Integer> SIZES = List.of(32, 1 << 10, 1 << 16, 1 << 20);
    private static final boolean ONE_CPU = Runtime.getRuntime().availableProcessors() == 1;

    private static final Map<String, Serializable> ITEMS = new LinkedHashMap<>();

    static {
        ITEMS.put("integer", 123_456);
        ITEMS.put("string20", "twenty characters ok");
        ITEMS.put("record4", new Ours.Four(1, 2, 3, "four"));
        ITEMS.put("bytes1k", new byte[1 << 10]);
        ITEMS.put("bytes1m", new byte[1 << 20]);
    }

    /// A transport between JVMs.
    ///
    /// @param most     the longest message that it takes
    /// @param producers how many may send at once
    /// @param trips    whether round trips are measured
    private record Contender(String name, int most, int producers, boolean trips, Transport.Maker maker) {}

    private static final List<Contender> CONTENDERS = List.of(
            new Contender("procession-queue", 1 << 20, 2, true, Ours.Queue::make),
            new Contender("procession-pipe", 1 << 20, 2, true, Ours.Connections::make),
            new Contender("procession-ring", 32, 2, !ONE_CPU, Ours.Ring::make),
            new Contender("procession-records", 1 << 20, 1, !ONE_CPU, Ours.Records::make),
            new Contender("agrona-one-to-one", 1 << 20, 1, true, Peers.Agrona::oneToOne),
            new Contender("agrona-many-to-one", 1 << 20, 2, true, Peers.Agrona::manyToOne),
            new Contender("aeron-ipc", 1 << 20, 2, true, Peers.Ipc::make),
            new Contender("chronicle-queue", 1 << 20, 2, true, Peers.Chronicle::make),
            new Contender("unix-socket", 1 << 20, 1, true, Peers.Socket::make));

    private final int rounds;
    private final long millis;
    private final Pattern only;

    private Transports(Map<String, String> options) {
        rounds = Integer.parseInt(options.getOrDefault("--rounds", "5"));
        millis = Long.parseLong(options.getOrDefault("--millis", "300"));
        only = Pattern.compile(options.getOrDefault("--only", ".*"));
    }

    /// Runs it.
    public static void main(String[] arguments) throws Exception {
        var options = new HashMap<String, String>();
        for (int i = 0; i < arguments.length; i += 2) {
            if (!List.of("--rounds", "--millis", "--only").contains(arguments[i]) || i + 1 == arguments.length) {
                throw new IllegalArgumentException(
                        "'%s' is none of --rounds N, --millis N, --only REGEX".formatted(arguments[i]));
            }
            options.put(arguments[i], arguments[i + 1]);
        }
        new Transports(options).run();
    }

    private void run() throws Exception {
        for (int producers = 1; producers <= 2; producers++) {
            for (int bytes : SIZES) {
                inTurn(streams(bytes, producers));
            }
        }
        for (var item : ITEMS.entrySet()) {
            var rounds = new ArrayList<Round>();
            var name = "queue-" + item.getKey();
            add(
                    "procession-" + name,
                    n -> new Stream(n, Ours.Items.maker(item.getValue()), size(item.getValue()), 1),
                    rounds);
            add("cpython-" + name, n -> new Python(n, "messages/s", "queue", item.getKey(), 1, millis), rounds);
            var pipe = "pipe-" + item.getKey();
            add(
                    "procession-" + pipe,
                    n -> new Stream(n, Ours.Messages.maker(item.getValue()), size(item.getValue()), 1),
                    rounds);
            add("cpython-" + pipe, n -> new Python(n, "messages/s", "pipe", item.getKey(), 1, millis), rounds);
            inTurn(rounds);
        }
        inTurn(trips());
    }

    private static int size(Serializable item) {
        return item instanceof byte[] bytes ? bytes.length : 32;
    }

    private List<Round> streams(int bytes, int producers) {
        var rounds = new ArrayList<Round>();
        var suffix = "-" + bytes + (producers == 1 ? "" : "-2p");
        for (var contender : CONTENDERS) {
            if (bytes <= contender.most && producers <= contender.producers) {
                add(contender.name + suffix, name -> new Stream(name, contender.maker, bytes, producers), rounds);
            }
        }
        var item = Integer.toString(bytes);
        add("cpython-queue" + suffix, n -> new Python(n, "messages/s", "queue", item, producers, millis), rounds);
        if (producers == 1) {
            add("cpython-pipe" + suffix, n -> new Python(n, "messages/s", "pipe", item, 1, millis), rounds);
        }
        return rounds;
    }

    private List<Round> trips() {
        var rounds = new ArrayList<Round>();
        for (var contender : CONTENDERS) {
            if (contender.trips) {
                add(contender.name + "-trip", name -> new Trip(name, contender.maker), rounds);
            }
        }
        add("cpython-pipe-trip", name -> new Python(name, "ns", "trip", "32", 1, millis), rounds);
        return rounds;
    }

    private interface Opening {
        Round open(String name) throws Exception;
    }

    private void add(String name, Opening opening, List<Round> rounds) {
        var full = name + (ONE_CPU ? "-one-cpu" : "");
        if (only.matcher(full).find()) {
            try {
                rounds.add(opening.open(full));
            } catch (Exception | LinkageError e) {
                System.out.println("# " + full + " is not here: " + e);
            }
        }
    }

    private void inTurn(List<Round> contenders) {
        var left = new ArrayList<>(contenders);
        left.removeIf(round -> fails(round, () -> round.warm(millis * 1_000_000)));
        for (int i = 0; i < rounds; i++) {
            left.removeIf(round -> fails(round, () -> round.series().add(round.measure())));
        }
        left.stream().map(Round::series).forEach(Series::summarize);
        left.removeIf(round -> fails(round, round::end));
    }

    private interface Step {
        void run() throws Exception;
    }

    /// Who fails is left out from then on.
    private static boolean fails(Round round, Step step) {
        try {
            step.run();
            return false;
        } catch (Exception | LinkageError e) {
            System.out.println("# " + round.series().name() + " is left out: " + e);
            return true;
        }
    }
}
