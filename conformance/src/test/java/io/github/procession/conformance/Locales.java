package io.github.procession.conformance;

import java.nio.charset.Charset;

/// What the locale that the tests run in can express.
public final class Locales {
    private Locales() {}

    /// The text if file names, command lines and output of programs can hold it, otherwise the other one.
    public static String sayable(String text, String plain) {
        var encoding = System.getProperty("sun.jnu.encoding");
        return Charset.forName(encoding).newEncoder().canEncode(text) ? text : plain;
    }
}
