package io.github.procession.tools;

/// Who takes part in `procession bench`: it can be measured again and again.
interface Contender {
    /// Measures once, in the unit of the figure.
    double measure() throws Exception;

    /// Ends it and its processes.
    void end() throws Exception;

    /// Prepares one.
    interface Opening {
        Contender open() throws Exception;
    }
}
