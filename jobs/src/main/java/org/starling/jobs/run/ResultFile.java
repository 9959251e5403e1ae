package org.starling.jobs.run;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.jobs.configuration.Redaction;

/**
 * One file that a job writes at its end, on any Hadoop FileSystem: all of it or nothing. Whether it can be written is known before the
 * job's work begins.
 */
public final class ResultFile implements AutoCloseable {
    private final String option;
    private final Path path;
    private final FileSystem fs;
    private final Path unfinished;

    private ResultFile(String option, Path path, FileSystem fs) {
        this.option = option;
        this.path = path;
        this.fs = fs;
        this.unfinished = path.suffix(".unfinished");
    }

    /**
     * Makes sure that the file is not there yet and can be written.
     *
     * @param option that names it, for messages
     * @throws InputException when it is, or cannot
     */
    public static ResultFile claim(String option, String path, Configuration hadoop) {
        Path target = new Path(path);
        try {
            FileSystem fs = target.getFileSystem(hadoop);
            // Without Hadoop's checksum file beside it.
            ResultFile file =
                    new ResultFile(option, target, fs instanceof LocalFileSystem local ? local.getRawFileSystem() : fs);
            file.refuseExisting();
            file.fs.create(file.unfinished, true).close();
            file.fs.deleteOnExit(file.unfinished);
            return file;
        } catch (IOException e) {
            throw unwritable(option, path, e);
        }
    }

    private void refuseExisting() throws IOException {
        if (fs.exists(path)) {
            throw new InputException("%s %s exists already and was not changed. Name a file that does not exist."
                    .formatted(option, shown()));
        }
    }

    /** Gives the file its content. */
    public void write(byte[] content) {
        try {
            refuseExisting();
            try (OutputStream out = fs.create(unfinished, true)) {
                out.write(content);
            }
            if (!fs.rename(unfinished, path)) {
                throw new IOException("%s could not be renamed".formatted(unfinished));
            }
        } catch (IOException e) {
            throw unwritable(option, path.toString(), e);
        }
    }

    /** The file as a person may see it. */
    public String shown() {
        return Redaction.ofUri(path.toString());
    }

    private static InputException unwritable(String option, String path, IOException e) {
        return new InputException(
                "%s %s cannot be written: %s.".formatted(option, Redaction.ofUri(path), e.getMessage()), e);
    }

    /** Leaves nothing unfinished. */
    @Override
    public void close() {
        try {
            fs.delete(unfinished, false);
        } catch (IOException e) {
            throw unwritable(option, path.toString(), e);
        }
    }
}
