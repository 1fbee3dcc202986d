package io.github.procession.examples.sources;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.ToolProvider;

/// Files to be counted. Only their names travel between processes.
public sealed interface Corpus extends Serializable permits SourceZip, ClassImage {
    /// What a JDK has of its own: the sources in its `lib/src.zip`, or, if it came without them, its classes.
    ///
    /// @return of the JDK that runs this
    static Corpus ofThisJdk() {
        var zip = Path.of(System.getProperty("java.home"), "lib", "src.zip");
        return Files.isReadable(zip) && ToolProvider.getSystemJavaCompiler() != null
                ? new SourceZip(zip.toString())
                : new ClassImage();
    }

    /// Where the files are.
    ///
    /// @return in words, for a title
    String place();

    /// The names of all files, always in the same order.
    ///
    /// @return names for [#count]
    /// @throws IOException if they cannot be listed
    List<String> names() throws IOException;

    /// Reads files and counts what is in them.
    ///
    /// @param names some of [#names]
    /// @return what was found
    /// @throws IOException if one cannot be read
    Totals count(List<String> names) throws IOException;
}
