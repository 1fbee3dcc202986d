package io.github.procession.tools;

/// What a probe of `procession doctor` found.
///
/// @param status whether it is as it should be
/// @param found  what there is
/// @param advice what to do; empty if all is well
record Finding(Status status, String found, String advice) {
    /// From best to worst.
    enum Status {
        OK,
        /// It works, but slower or with less than it could have.
        WARNING,
        /// The library does not work without.
        PROBLEM
    }

    static Finding ok(String found) {
        return new Finding(Status.OK, found, "");
    }

    static Finding warning(String found, String advice) {
        return new Finding(Status.WARNING, found, advice);
    }

    static Finding problem(String found, String advice) {
        return new Finding(Status.PROBLEM, found, advice);
    }

    /// A warning if something is wrong.
    static Finding warnIf(boolean wrong, String found, String advice) {
        return wrong ? warning(found, advice) : ok(found);
    }
}
