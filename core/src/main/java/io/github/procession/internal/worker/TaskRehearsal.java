package io.github.procession.internal.worker;

import io.github.procession.function.SerializableCallable;
import io.github.procession.function.SerializableFunction;
import io.github.procession.internal.memory.BlockLayout;
import io.github.procession.internal.memory.ObjectKind;
import io.github.procession.internal.ring.BellBlock;
import io.github.procession.internal.ring.ChannelBlock;
import io.github.procession.internal.ring.Parts;
import io.github.procession.internal.shared.Parcels;
import io.github.procession.internal.shared.SharedBlock;
import io.github.procession.internal.tree.Node;
import io.github.procession.internal.wire.Work;
import java.util.List;

/// The short life of a pool's worker, with a channel that nobody else knows: a task, a chunk, and the end.
final class TaskRehearsal {
    private static final byte[] NOTHING = {};

    private TaskRehearsal() {}

    static void run() {
        var channelBlock = SharedBlock.create(ObjectKind.CHANNEL, ChannelBlock.bytes() - BlockLayout.HEADER);
        var bellBlock = SharedBlock.create(ObjectKind.BELL, BellBlock.BYTES);
        try {
            int self = Node.self().slot();
            var channel = ChannelBlock.format(channelBlock.memory());
            var tasks = new Parts.Writer(channel.tasks());
            SerializableFunction<Integer, Integer> function = number -> number + 1;
            SerializableCallable<Integer> callable = () -> 1;
            say(tasks, Work.SETUP, NOTHING, Work.setup(false, NOTHING));
            say(tasks, Work.FUNCTION, NOTHING, Work.function(1, pack(function, self)));
            channel.issue(0, 1);
            say(tasks, Work.TASK, Work.task(1, 0), pack(callable, self));
            channel.issue(1, 2);
            say(tasks, Work.CHUNK, Work.chunk(2, 1, false, 1), pack(List.of(1, 2), self));
            say(tasks, Work.LEAVE, NOTHING, NOTHING);
            var interruption = new Interruption(Thread.currentThread());
            new TaskLoop(channelBlock.memory(), bellBlock.memory(), interruption, self, "rehearsal").serve();
        } finally {
            channelBlock.close();
            bellBlock.close();
        }
    }

    private static byte[] pack(Object value, int slot) {
        return Parcels.pack(value, "rehearsal", slot).bytes();
    }

    private static void say(Parts.Writer tasks, int kind, byte[] head, byte[] body) {
        tasks.begin(new Parts.Message(kind, head, body));
        if (!tasks.push()) {
            throw new IllegalStateException("no room for message " + kind);
        }
    }
}
