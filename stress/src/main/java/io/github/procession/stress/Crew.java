package io.github.procession.stress;

import io.github.procession.ChildProcess;
import io.github.procession.ExitStatus;
import io.github.procession.Output;
import io.github.procession.ProcessOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Keeps seats manned: starts a process for each, and another one when it has died, until the storm is over.
final class Crew {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private sealed interface Event {}

    private record Gone(Seat seat, ChildProcess child, ExitStatus status) implements Event {}

    private record Over() implements Event {}

    private final Ledger ledger;
    private final Shares shares;
    private final List<Seat> seats;
    private final Life life;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final Map<Seat, ChildProcess> manned = new HashMap<>(); // of the thread that keeps them manned

    Crew(Ledger ledger, Shares shares, List<Seat> seats, Life life) {
        this.ledger = ledger;
        this.shares = shares;
        this.seats = seats;
        this.life = life;
    }

    /// How the JVM of a member differs.
    static ProcessOptions options(ProcessOptions options, Shares shares) {
        var reports =
                Path.of(shares.ledger()).resolveSibling("hs_err_pid%p.log"); // a JVM that crashes exits with code 1
        return options.maxHeap("96m").output(Output.PREFIXED).jvmArgs("-XX:ErrorFile=" + reports);
    }

    /// The storm is over, by the ledger too.
    void end() {
        events.add(new Over());
    }

    /// Returns when the storm is over, and all who sat there have ended.
    void keepManned() {
        try {
            seats.forEach(this::man);
            while (!ledger.isStopped() && !manned.isEmpty() && events.take() instanceof Gone gone) {
                replace(gone);
            }
        } catch (InterruptedException | RuntimeException e) {
            Member.complainUnlessOver(ledger, life, e);
        }
        try {
            dismiss();
        } catch (InterruptedException e) {
            ledger.fault("%s was interrupted while its children ended".formatted(life));
        }
    }

    private void man(Seat seat) {
        var child = ChildProcess.of(Member::man, seat, shares)
                .name(seat.name())
                .daemon(true)
                .options(o -> options(o, shares))
                .start();
        manned.put(seat, child);
        var _ = child.onExit().thenAccept(status -> events.add(new Gone(seat, child, status)));
    }

    private void replace(Gone gone) {
        manned.remove(gone.seat());
        judge(gone);
        if (!ledger.isStopped() && !Member.isDying(ledger)) {
            man(gone.seat());
        }
    }

    private void judge(Gone gone) {
        judge(ledger, gone.seat().name(), gone.child().pid(), gone.status());
    }

    /// Whether that is how a member may end.
    static void judge(Ledger ledger, String seat, long pid, ExitStatus status) {
        boolean right = status.success() && ledger.isStopped() || ledger.isDoomed(pid) || Member.isDying(ledger);
        ledger.check(Activity.CREW, right, "%s (pid %d) ended by itself: %s", seat, pid, status);
    }

    private void dismiss() throws InterruptedException {
        manned.values().forEach(ChildProcess::interrupt);
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!manned.isEmpty()) {
            var event = events.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (event == null) {
                var names = manned.keySet().stream().map(Seat::name).sorted().toList();
                ledger.fault("at the end %s did not end within %s".formatted(names, PATIENCE));
                Stacks.print(ledger);
                manned.values().forEach(ChildProcess::kill);
                return;
            }
            if (event instanceof Gone gone) {
                manned.remove(gone.seat());
                judge(gone);
            }
        }
    }
}
