package org.starling;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.starling.ChecksummedJson.DefectException;

/**
 * The folder {@code _work} of an output whose parts are made by tasks: it says what the output is made from, and holds the parts that are finished
 * until all are. So a run that was interrupted can go on, and nobody sees a part of an output. Every attempt at a part has files of its own names, none
 * can harm another's; the bytes of all are the same, and the first is taken.
 */
public final class WorkFolder {
    private static final String NAME = "_work";
    private static final String PLAN = "plan.json";

    /** Ends the names of notes on parts. */
    private static final String NOTE = ".note";

    private static final int LARGEST_FILE = 64 << 20;

    private final FileSystem fs;
    private final Path output;

    /** What is noted of a part that is finished. */
    public interface Part {
        /** Its place in the output. */
        String file();

        /** Its name in the folder of work, until it gets there. */
        String attempt();

        /** Bytes of it. */
        long length();
    }

    /** What an output under way is made from. */
    private record Plan(TreeMap<String, String> facts) {}

    /** @param output the folder that is made */
    public WorkFolder(FileSystem fs, Path output) {
        this.fs = fs;
        this.output = output;
    }

    /** A file in the folder of work. */
    public Path file(String name) {
        return new Path(output, new Path(NAME, name));
    }

    /** What the output under way is made from, fact by fact; empty where none is begun. */
    public Optional<SortedMap<String, String>> plan() throws IOException {
        return read(file(PLAN), Plan.class).map(Plan::facts);
    }

    /** Whether there is a plan, one that cannot be read too. */
    public boolean isBegun() throws IOException {
        return fs.exists(file(PLAN));
    }

    /** Whether the output does not exist, or is what a run leaves that ended while it wrote its plan. */
    public boolean isFree() throws IOException {
        if (!fs.exists(output)) {
            return true;
        }
        for (FileStatus entry : fs.listStatus(output)) {
            if (!entry.getPath().getName().equals(NAME) || !entry.isDirectory()) {
                return false;
            }
            for (FileStatus file : fs.listStatus(entry.getPath())) {
                if (!file.getPath().getName().startsWith(PLAN)) {
                    return false;
                }
            }
        }
        return true;
    }

    /** Writes the plan of an output that is not begun. */
    public void begin(Map<String, String> facts) throws IOException {
        write(file(PLAN), new Plan(new TreeMap<>(facts)));
    }

    /**
     * A file for an attempt at a part.
     *
     * @param part its name
     */
    public Path newAttempt(String part) {
        // Not the attempt's number: two drivers' attempts may have the same.
        return file(part + "." + UUID.randomUUID());
    }

    /** Notes that a part is finished. */
    public void note(Part part) throws IOException {
        write(file(part.attempt() + NOTE), part);
    }

    /** The parts that are finished, by their places in the output. */
    public <P extends Part> SortedMap<String, P> parts(Class<P> type) throws IOException {
        SortedMap<String, P> parts = new TreeMap<>();
        FileStatus[] notes = fs.globStatus(file("*" + NOTE));
        Arrays.sort(notes, Comparator.comparing(FileStatus::getPath));
        for (FileStatus note : notes) {
            Optional<P> part = read(note.getPath(), type);
            if (part.isPresent()
                    && (isInPlace(part.get()) || isWhole(file(part.get().attempt()), part.get()))) {
                parts.putIfAbsent(part.get().file(), part.get());
            }
        }
        return parts;
    }

    /** Brings a part to its place, unless it is there. */
    public void place(Part part) throws IOException {
        if (!isInPlace(part)) {
            Path file = new Path(output, part.file());
            fs.mkdirs(file.getParent());
            rename(file(part.attempt()), file);
        }
    }

    private boolean isInPlace(Part part) throws IOException {
        return isWhole(new Path(output, part.file()), part);
    }

    private boolean isWhole(Path file, Part part) throws IOException {
        try {
            return fs.getFileStatus(file).getLen() == part.length();
        } catch (FileNotFoundException e) {
            return false;
        }
    }

    /** What a file of ours says; empty where there is none, or it was being written when the run ended. */
    private <T> Optional<T> read(Path file, Class<T> type) throws IOException {
        try (InputStream in = fs.open(file)) {
            ChecksummedJson json = ChecksummedJson.read(in.readNBytes(LARGEST_FILE));
            json.requireChecksum();
            return Optional.of(json.as(type));
        } catch (FileNotFoundException | DefectException | ChecksumException e) {
            return Optional.empty();
        }
    }

    /** Writes checksummed JSON: whole, or not under this name. */
    private void write(Path file, Object content) throws IOException {
        Path unfinished = file.suffix("." + UUID.randomUUID());
        try (OutputStream out = fs.create(unfinished, false)) {
            out.write(ChecksummedJson.write(content));
        }
        rename(unfinished, file);
    }

    /**
     * Writes what makes the output whole, once all parts are in their places, and removes the folder of work.
     *
     * @param name of the file in the output
     * @param content an object, written as checksummed JSON
     */
    public void finish(String name, Object content) throws IOException {
        Path file = file(name);
        write(file, content);
        rename(file, new Path(output, name));
        end();
    }

    /** Removes the folder of work. */
    public void end() throws IOException {
        fs.delete(new Path(output, NAME), true);
    }

    private void rename(Path from, Path to) throws IOException {
        if (!fs.rename(from, to)) {
            throw new IOException(from + " cannot be renamed to " + to);
        }
    }
}
