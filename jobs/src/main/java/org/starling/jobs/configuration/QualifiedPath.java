package org.starling.jobs.configuration;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;

/** Paths as every machine of a cluster understands them: with scheme and authority. */
public final class QualifiedPath {
    private QualifiedPath() {}

    /**
     * A path below the working directory of its file system.
     *
     * @param given what the user wrote
     * @param where what a message calls its place
     */
    public static String of(String given, String where, Configuration hadoop) {
        return of(given, null, where, hadoop);
    }

    /** A path below a folder, null for the working directory. A path that is complete needs no file system to answer. */
    static String of(String given, Path folder, String where, Configuration hadoop) {
        try {
            Path path = folder == null ? new Path(given) : new Path(folder, given);
            boolean complete = path.isAbsolute() && path.toUri().getAuthority() != null;
            return (complete ? path : path.getFileSystem(hadoop).makeQualified(path)).toString();
        } catch (IllegalArgumentException | IOException e) {
            throw new InputException(
                    "%s = \"%s\" is not a path of a file system that can be reached: %s"
                            .formatted(where, Redaction.ofUri(given), e.getMessage()),
                    e);
        }
    }
}
