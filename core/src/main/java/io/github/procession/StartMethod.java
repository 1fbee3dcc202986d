package io.github.procession;

/// Where the JVM of a child comes from.
public enum StartMethod {
    /// It is started when the child is.
    SPAWN,
    /// It has been started before and waits, booted and connected, so that the child begins much sooner; if none waits, it is
    /// started as with [#SPAWN].
    ///
    /// Each start with this method has another JVM booted in the background for the next start with the same options (of
    /// those, name, output, log records and memory limit may differ): as many as were started in the last ten seconds, at
    /// most one for each processor. One that nobody has used for half a minute ends. While it boots it loads the classes in
    /// which lambdas are written that this process has sent, and runs none of their code. Each costs about 40 MB of memory,
    /// and no processor time once it is ready. They end with this process, whatever ends it.
    SPARE
}
