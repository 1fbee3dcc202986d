import org.jspecify.annotations.NullMarked;

/// Multiprocessing for the JVM: processes, pools, queues and shared data, on one machine, without dependencies.
@NullMarked
module io.github.procession {
    requires java.management;
    requires static java.logging;
    requires static org.jspecify;

    exports io.github.procession;
    exports io.github.procession.function;
}
