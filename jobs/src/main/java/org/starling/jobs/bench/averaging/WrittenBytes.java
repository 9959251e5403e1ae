package org.starling.jobs.bench.averaging;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Bytes that this process has written so far: {@code wchar} of Linux's {@code /proc/self/io}, which counts every write to a socket
 * (Spark's sockets are NIO channels), a file or a pipe. For a driver, an upper bound of what it sent: broadcasts, tasks, files and jars that
 * executors fetch, and its log beside them.
 */
final class WrittenBytes {
    private static final Path IO = Path.of("/proc/self/io");
    private static final String KEY = "wchar: ";

    private WrittenBytes() {}

    /** Null where the system does not say. */
    static Long soFar() {
        try {
            return Files.isReadable(IO)
                    ? Files.readAllLines(IO).stream()
                            .filter(line -> line.startsWith(KEY))
                            .map(line -> Long.valueOf(line.substring(KEY.length())))
                            .findFirst()
                            .orElse(null)
                    : null;
        } catch (IOException e) {
            return null;
        }
    }
}
