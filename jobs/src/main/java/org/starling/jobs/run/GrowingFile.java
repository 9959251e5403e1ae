package org.starling.jobs.run;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of a run that only grows. On this machine's disk it is appended to; elsewhere, where appending may not exist, the whole file is replaced, so
 * not for every line. What cannot be written now is kept and tried again with the next; a run does not end for it.
 */
final class GrowingFile {
    private static final Logger LOG = LoggerFactory.getLogger(GrowingFile.class);
    private static final long FLUSH_INTERVAL = TimeUnit.SECONDS.toNanos(10);

    private final RunFiles run;
    private final String name;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private long lastFlush = System.nanoTime();

    GrowingFile(RunFiles run, String name) {
        this.run = run;
        this.name = name;
    }

    /** What a file of lines holds from before; a line that a crash cut off is dropped. */
    void takeUpLines() {
        try {
            byte[] former = run.readGrown(name);
            int length = former.length;
            while (length > 0 && former[length - 1] != '\n') {
                length--;
            }
            written.write(former, 0, length);
            run.replace(name, written.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Adds to the end, some time. */
    void add(byte[] bytes) {
        pending.writeBytes(bytes);
    }

    /** Writes what was added, where that is cheap or has not been done for a while. */
    void flushSometimes() {
        boolean due = System.nanoTime() - lastFlush > FLUSH_INTERVAL;
        if (due || run.localFile(name).isPresent()) {
            flush();
        }
    }

    /** Writes what was added; false where that fails. */
    boolean flush() {
        lastFlush = System.nanoTime();
        try {
            if (!run.append(name, pending.toByteArray())) {
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                written.writeTo(all);
                pending.writeTo(all);
                run.replace(name, all.toByteArray());
                pending.writeTo(written);
            }
            pending.reset();
            return true;
        } catch (IOException e) {
            LOG.warn("{} cannot be written; trying again with the next line", run.file(name), e);
            return false;
        }
    }
}
