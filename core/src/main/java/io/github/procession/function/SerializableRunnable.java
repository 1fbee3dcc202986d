package io.github.procession.function;

import java.io.Serializable;

/// An action without arguments, to be run in another process.
///
/// Its one abstract method is [#execute()], so that `executor.submit(() -> work())` is not ambiguous between a runnable
/// and a callable.
@FunctionalInterface
public interface SerializableRunnable extends Runnable, Serializable {
    /// Runs the action in the process that received it.
    ///
    /// @throws Exception whatever the action throws
    void execute() throws Exception;

    /// Calls [#execute()] and rethrows what it throws, checked exceptions too, as they are.
    @Override
    @SuppressWarnings("FunctionalInterfaceMethodChanged") // one abstract method of its own is the point: see above
    default void run() {
        try {
            execute();
        } catch (Exception e) {
            throw SerializableRunnable.<RuntimeException>asIs(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static <X extends Exception> X asIs(Exception e) throws X {
        throw (X) e;
    }
}
