package org.starling.jobs.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.jobs.configuration.Redaction;

/**
 * The files that a run leaves for people, in its directory on any Hadoop FileSystem, written so that a crash leaves the former
 * content or the new one. Local files are written without Hadoop's checksum files, so that any program may read and append to them.
 */
public final class RunFiles {
    /** All settings of the run. */
    public static final String CONFIGURATION = "config.conf";

    /** What a replacement is called until it is whole. */
    private static final String UNFINISHED = ".unfinished";

    private final Path path;
    private final FileSystem fs;
    private final boolean resumed;

    private RunFiles(Path path, FileSystem fs, boolean resumed) {
        this.path = path;
        this.fs = fs;
        this.resumed = resumed;
    }

    /** The directory of a new run: empty or not there yet. It is made by {@link #create}, when the run begins. */
    public static RunFiles fresh(String directory, Configuration hadoop) {
        RunFiles run = open(directory, hadoop, false);
        if (!run.isEmptyOrMissing()) {
            throw run.taken(null);
        }
        return run;
    }

    /** The directory of a run that goes on. */
    public static RunFiles existing(String directory, Configuration hadoop) {
        RunFiles run = open(directory, hadoop, true);
        if (!run.exists(CONFIGURATION)) {
            throw new InputException(
                    "There is no run to resume in %s: it has no %s. Give the run directory of an earlier run."
                            .formatted(run.shown(), CONFIGURATION));
        }
        return run;
    }

    private static RunFiles open(String directory, Configuration hadoop, boolean resumed) {
        try {
            Path path = new Path(directory);
            FileSystem fs = path.getFileSystem(hadoop);
            return new RunFiles(
                    fs.makeQualified(path),
                    fs instanceof LocalFileSystem local ? local.getRawFileSystem() : fs,
                    resumed);
        } catch (IOException | IllegalArgumentException e) {
            throw new InputException(
                    "The run directory %s cannot be used: %s".formatted(Redaction.ofUri(directory), e.getMessage()), e);
        }
    }

    private boolean exists(String name) {
        try {
            return fs.exists(file(name));
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private boolean isEmptyOrMissing() {
        try {
            return !fs.exists(path) || fs.getFileStatus(path).isDirectory() && fs.listStatus(path).length == 0;
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private InputException unreachable(IOException e) {
        return new InputException("The run directory %s cannot be reached: %s".formatted(shown(), e.getMessage()), e);
    }

    private InputException taken(Throwable cause) {
        return new InputException(
                "The run directory %s exists already; nothing in it was changed. Choose another with run.directory=PATH, or go on with the run in it: --resume %s"
                        .formatted(shown(), shown()),
                cause);
    }

    /**
     * Makes the folder and stores the settings, which claims it: of two runs that start at once, one gets the error. A resumed
     * run stores its settings under the next free name.
     *
     * @param settings the effective configuration
     */
    public void create(String settings) {
        try {
            fs.mkdirs(path);
            Path target = file(resumed ? nextConfiguration() : CONFIGURATION);
            try (OutputStream out = fs.create(target, false)) {
                out.write(settings.getBytes(StandardCharsets.UTF_8));
            }
        } catch (FileAlreadyExistsException e) {
            throw taken(e);
        } catch (IOException e) {
            throw new InputException(
                    "The run directory %s cannot be written: %s. Choose another with run.directory=PATH."
                            .formatted(shown(), e.getMessage()),
                    e);
        }
    }

    /** The settings that the run last went by. */
    public String newestConfiguration() {
        int number = configurations();
        return number == 1 ? CONFIGURATION : resumedConfiguration(number);
    }

    private String nextConfiguration() {
        return resumedConfiguration(configurations() + 1);
    }

    private int configurations() {
        int number = 1;
        while (exists(resumedConfiguration(number + 1))) {
            number++;
        }
        return number;
    }

    private static String resumedConfiguration(int number) {
        return "config-" + number + ".conf";
    }

    /** The folder with scheme and authority. */
    public Path path() {
        return path;
    }

    /** The folder as a person may see it. */
    public String shown() {
        return Redaction.ofUri(path.toString());
    }

    public boolean resumed() {
        return resumed;
    }

    public Path file(String name) {
        return new Path(path, name);
    }

    /** The file on this machine's disk, when the folder is there. */
    public Optional<java.nio.file.Path> localFile(String name) {
        URI uri = file(name).toUri();
        return "file".equals(uri.getScheme()) ? Optional.of(java.nio.file.Path.of(uri.getPath())) : Optional.empty();
    }

    /**
     * Gives a file new content. Where a crash came between, {@link #readGrown} finds whichever is whole.
     *
     * @throws IOException the former content is still there
     */
    public void replace(String name, byte[] content) throws IOException {
        Path unfinished = file(name + UNFINISHED);
        try (OutputStream out = fs.create(unfinished, true)) {
            out.write(content);
        }
        Optional<java.nio.file.Path> local = localFile(name);
        if (local.isPresent()) {
            Files.move(
                    localFile(name + UNFINISHED).orElseThrow(),
                    local.get(),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            return;
        }
        fs.delete(file(name), false);
        if (!fs.rename(unfinished, file(name))) {
            throw new IOException("%s could not be renamed to %s".formatted(unfinished, file(name)));
        }
    }

    /**
     * Adds to the end of a file on this machine's disk: all of the content, or nothing.
     *
     * @return false where the folder is elsewhere, and nothing was done
     */
    boolean append(String name, byte[] content) throws IOException {
        Optional<java.nio.file.Path> local = localFile(name);
        if (local.isEmpty()) {
            return false;
        }
        try (FileChannel file = FileChannel.open(local.get(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            long length = file.size();
            try {
                Channels.newOutputStream(file.position(length)).write(content);
            } catch (IOException e) {
                file.truncate(length);
                throw e;
            }
        }
        return true;
    }

    /** The longer of a file and its unfinished replacement, for files that only grow; empty when there is neither. */
    public byte[] readGrown(String name) throws IOException {
        byte[] content = read(file(name));
        byte[] unfinished = read(file(name + UNFINISHED));
        return unfinished.length > content.length ? unfinished : content;
    }

    private byte[] read(Path file) throws IOException {
        try (FSDataInputStream in = fs.open(file)) {
            return in.readAllBytes();
        } catch (FileNotFoundException e) {
            return new byte[0];
        }
    }
}
