package io.github.procession.internal.wire;

import io.github.procession.internal.memory.ObjectRef;
import java.util.List;
import java.util.Map;

/// Everything that is said over a [Link].
public sealed interface Message {
    /// What a child says to the process that started it.
    sealed interface ToParent extends Message {}

    /// What a process says to a child of its own.
    sealed interface ToChild extends Message {}

    /// What a process asks of the root, or tells it.
    sealed interface ToRoot extends Message {}

    /// A message that expects an [Answer] with the same number.
    sealed interface Question extends Message {
        int request();
    }

    /// The answer to the [Question] of that number.
    sealed interface Answer extends Message {
        int request();
    }

    /// First words of a child: it has booted and can read.
    record Hello(long pid) implements ToParent {}

    /// Who the child is and what it shall do. The first words of a parent. A spare gets two: one that says where it is, and
    /// when it becomes somebody, one that says who.
    ///
    /// @param name       its name
    /// @param path       its ordinals from the root, as in `1:2`
    /// @param slot       its number in the tree
    /// @param daemon     whether it is a daemon
    /// @param parentName its parent's name
    /// @param parentSlot its parent's slot
    /// @param parentDaemon whether its parent is a daemon
    /// @param rootPid    the root's process id
    /// @param rootLink   where the link to the root is opened; none when the parent is the root
    /// @param properties system properties to set
    /// @param context    the context class loader of the thread that started it
    /// @param attached   objects to which it is attached already, as it will find when it reads its role: it need not ask
    /// @param role       what it is started for
    record Welcome(
            String name,
            String path,
            int slot,
            boolean daemon,
            String parentName,
            int parentSlot,
            boolean parentDaemon,
            long rootPid,
            LinkAddress rootLink,
            Map<String, String> properties,
            LoaderKey context,
            List<ObjectRef> attached,
            Role role)
            implements ToChild {}

    /// What a child is started for.
    sealed interface Role {
        /// To prepare itself, say [Ready], and wait for another [Welcome].
        ///
        /// @param classes names of classes that it may need
        record Wait(List<String> classes) implements Role {}

        /// To run a target and end.
        record Target(byte[] target) implements Role {}

        /// To run one task, return its outcome, and end.
        record Call(byte[] task) implements Role {}

        /// To serve a pool through a channel until told to leave.
        ///
        /// @param channel the object with the two pipes
        /// @param bell    the object that the pool's supervisor sleeps on
        record Serve(long channel, long bell) implements Role {}
    }

    /// A spare is prepared for whatever it will be.
    record Ready() implements ToParent {}

    /// The target or task has been read and its handles are attached: what was pinned for the journey may go.
    record Arrived() implements ToParent {}

    /// How the one task of a [Role.Call] ended.
    record Settled(byte[] outcome, long pin) implements ToParent {}

    /// A log record.
    ///
    /// @param request the number of the answer that is wanted when it has been logged, or [#UNANSWERED]
    /// @param level   name of a [System.Logger.Level]
    /// @param logger  name of the logger
    /// @param text    the message, and below it the trace of what was thrown
    record Logged(int request, String level, String logger, String text) implements ToParent, Question {
        public static final int UNANSWERED = 0;
    }

    /// The process is about to end of its own will (or by `exit`), not by a signal.
    record Ending() implements ToParent {}

    /// A class that the child does not have.
    record ClassWanted(int request, LoaderKey loader, String name) implements ToParent, Question {}

    /// Resources that the child does not have.
    record ResourcesWanted(int request, LoaderKey loader, String name) implements ToParent, Question {}

    /// All resources of that name, in order.
    record ResourcesFound(int request, List<byte[]> contents) implements ToChild, Answer {}

    /// Its bytes, and the loader that defines it.
    record ClassFound(int request, LoaderKey definer, byte[] bytes) implements ToChild, Answer {}

    /// It belongs to the application's class path or to the JDK: the child has it.
    record ClassElsewhere(int request) implements ToChild, Answer {}

    /// It is not to be had.
    record ClassMissing(int request, String why) implements ToChild, Answer {}

    /// Interrupt the main thread.
    ///
    /// @param task only while it runs this task of a pool; 0 whatever it does
    record Interrupt(long task) implements ToChild {}

    /// A task has run for longer than it may: say what the threads are doing, then interrupt the main thread if it is still
    /// at it.
    record Overdue(long task) implements ToChild {}

    /// What the threads were doing when [Overdue] came.
    record Dumped(long task, String threads) implements ToParent {}

    /// First words to the root of a process that is not its child.
    record Join(int slot, long pid) implements ToRoot {}

    /// Make an object and attach the asker to it.
    record Create(int request, int kind, long bytes, long owner) implements ToRoot, Question {}

    /// Attach the asker to an object.
    record Attach(int request, long id) implements ToRoot, Question {}

    /// The asker has no use for an object any more.
    record Detach(long id) implements ToRoot {}

    /// Give an object a name that no other has.
    record Name(int request, long id, String name) implements ToRoot, Question {}

    /// Which object has that name?
    record Find(int request, String name) implements ToRoot, Question {}

    /// Keep objects alive while they are on their way, at most as long as the owning process lives.
    record Pin(int request, int owner, List<Long> ids) implements ToRoot, Question {}

    /// Keep objects alive for an item that is about to be put into a queue.
    record PinItem(int request, long queue, List<Long> ids) implements ToRoot, Question {}

    /// The item with that pin is in its queue: from here on the queue keeps it, not the producer.
    record ItemPut(long pin) implements ToRoot {}

    /// They have arrived.
    record Unpin(long pin) implements ToRoot {}

    /// What was pinned by another process for the asker has been received: it is not the maker's any more.
    record Claim(long pin) implements ToRoot {}

    /// All that the asker's child in that slot has ever sent has been received: what it pinned besides is on no way.
    record Drained(int slot) implements ToRoot {}

    /// Which number has this definition in the tree's [Dictionary]?
    record Define(int request, byte[] definition) implements ToRoot, Question {}

    /// Which definition has that number?
    record Explain(int request, int number) implements ToRoot, Question {}

    /// A slot and a link to the root for a child of the asker's.
    record Reserve(int request) implements ToRoot, Question {}

    /// That child could not be started.
    record Cancel(int slot) implements ToRoot {}

    /// Tell when the process in that slot is gone and everything that it held has been repaired.
    record AwaitGone(int request, int slot) implements ToRoot, Question {}

    /// The asker is known from here on.
    record Joined() implements Message {}

    /// Where the object is.
    record Located(int request, ObjectRef object) implements Answer {}

    /// The object with that name, or 0.
    record Found(int request, long id) implements Answer {}

    /// The number of the definition, or 0.
    record Defined(int request, int number) implements Answer {}

    /// The definition with that number.
    record Explained(int request, byte[] definition) implements Answer {}

    /// The pin's number.
    record Pinned(int request, long pin) implements Answer {}

    /// The reserved slot, and the root's descriptors of its link as the child will open them.
    record Reserved(int request, int slot, LinkAddress link) implements Answer {}

    /// It is so.
    record Done(int request) implements Answer {}

    /// It cannot be.
    record Refused(int request, String why) implements Answer {}
}
