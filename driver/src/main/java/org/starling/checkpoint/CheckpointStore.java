package org.starling.checkpoint;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.starling.InputException;
import org.starling.checkpoint.CoefficientsFormat.MalformedException;
import org.starling.model.Slice;
import org.starling.model.SlicePlan;

/**
 * The checkpoints of a run: folders {@code round-00000012-<id>} in one directory of any Hadoop FileSystem. Executors write the parts, each under a
 * name of its attempt; the driver writes {@code manifest.json} last. A folder without a manifest is no checkpoint. Nothing is renamed, and nothing
 * overwritten. Parameters never pass through the driver, except when it streams them into a model file.
 */
public final class CheckpointStore {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
    private static final Pattern FOLDER = Pattern.compile("round-(\\d{1,9})-.+");

    private final Path directory;
    private final Configuration configuration;

    /** @param directory need not exist yet */
    public CheckpointStore(Path directory, Configuration configuration) {
        this.directory = directory;
        this.configuration = configuration;
    }

    /** A checkpoint and where it is. */
    public record Stored(Path folder, Checkpoint manifest) {}

    /** A folder that looks like a checkpoint and is not to be used, and why: to be put after its name and a colon. */
    public record Refused(Path folder, String defect) {}

    /**
     * What a run can go on from.
     *
     * @param newest the newest checkpoint that is whole; empty when there is none
     * @param refused those that would have come before it, newest first
     */
    public record Found(Optional<Stored> newest, List<Refused> refused) {}

    /**
     * Writes the slices, one part a partition, then the manifest. When it fails, it takes away again what it has written.
     *
     * @param slices partition j of R holds shared slices j mod R and replica j's own, in (vector, index) order
     * @param manifest all but its parts
     * @throws CheckpointWriteException when the store does not take it
     */
    public Stored write(JavaRDD<Slice> slices, Checkpoint manifest) {
        Path folder = newFolder(manifest.round());
        try {
            Checkpoint complete = manifest.withParts(writeParts(slices, folder));
            removeParts(folder, complete.parts());
            writeManifest(folder, complete);
            return new Stored(folder, complete);
        } catch (Exception e) {
            abandon(folder);
            CheckpointWriteException failed = CheckpointWriteException.within(e);
            if (failed != null) {
                throw failed;
            }
            throw e;
        }
    }

    /** The name is nobody else's, so all that comes to lie in it is this checkpoint's. */
    private Path newFolder(int round) {
        try {
            while (true) {
                String id = UUID.randomUUID().toString().substring(0, 8);
                Path folder = new Path(directory, String.format("round-%08d-%s", round, id));
                if (!fileSystem().exists(folder)) {
                    return folder;
                }
            }
        } catch (IOException e) {
            throw new CheckpointWriteException("cannot look into " + directory + ": " + Reason.of(e), e);
        }
    }

    private List<Checkpoint.Part> writeParts(JavaRDD<Slice> slices, Path folder) {
        SerializableConfiguration hadoop = new SerializableConfiguration(configuration);
        String folderName = folder.toString();
        return slices.mapPartitionsWithIndex(
                        (partition, part) -> List.of(writePart(folderName, hadoop, partition, part))
                                .iterator(),
                        true)
                .collect();
    }

    private static Checkpoint.Part writePart(
            String folder, SerializableConfiguration hadoop, int partition, Iterator<Slice> slices) {
        TaskContext task = TaskContext.get();
        // The attempt's own name: a speculative copy or a retry never meets another's file.
        String name = Manifest.partName(partition, task.taskAttemptId());
        Path path = new Path(folder, name);
        Iterator<Slice> interruptible = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return slices.hasNext();
            }

            @Override
            public Slice next() {
                if (task.isInterrupted()) {
                    throw new TaskKilledException("cancelled");
                }
                return slices.next();
            }
        };
        boolean whole = false;
        try {
            Checkpoint.Part part;
            try (OutputStream out = path.getFileSystem(hadoop.value()).create(path, false)) {
                part = SliceFile.write(out, name, interruptible);
            }
            whole = true;
            return part;
        } catch (IOException e) {
            String host = SparkEnv.get().blockManager().blockManagerId().host();
            throw new CheckpointWriteException(host + " cannot write " + path + ": " + Reason.of(e), e);
        } finally {
            if (!whole) {
                deleteQuietly(path, hadoop.value());
            }
        }
    }

    private void writeManifest(Path folder, Checkpoint complete) {
        Path path = new Path(folder, Manifest.NAME);
        try {
            Manifest.write(fileSystem(), path, complete);
        } catch (IOException e) {
            deleteQuietly(path, configuration);
            throw new CheckpointWriteException("the driver cannot write " + path + ": " + Reason.of(e), e);
        }
    }

    /** Parts of attempts that lost, in a folder that this store is writing. */
    private void removeParts(Path folder, List<Checkpoint.Part> keep) {
        Set<String> kept = keep.stream().map(Checkpoint.Part::name).collect(Collectors.toSet());
        try {
            for (FileStatus file : fileSystem().listStatus(folder)) {
                String name = file.getPath().getName();
                if (Manifest.isPart(name) && !kept.contains(name)) {
                    fileSystem().delete(file.getPath(), false);
                }
            }
        } catch (IOException e) {
            LOG.warn("cannot remove the parts of lost attempts from {}", folder, e);
        }
    }

    /** Takes a folder away that this store began to write and could not finish. */
    private void abandon(Path folder) {
        removeParts(folder, List.of());
        deleteQuietly(folder, configuration);
    }

    /** A file, or an empty folder. */
    private static void deleteQuietly(Path path, Configuration configuration) {
        try {
            path.getFileSystem(configuration).delete(path, false);
        } catch (IOException e) {
            LOG.warn("cannot remove {}, which could not be written", path, e);
        }
    }

    /** Checkpoints with a readable manifest, newest first; their parts are not looked at. */
    public List<Stored> list() {
        List<Stored> found = new ArrayList<>();
        for (Path folder : folders()) {
            try {
                found.add(new Stored(folder, manifest(folder)));
            } catch (MalformedException e) {
                LOG.warn("{} is passed over: {}", folder, e.getMessage());
            }
        }
        return found;
    }

    /** Whether there is anything that a run could try to go on from. */
    public boolean isEmpty() {
        return folders().isEmpty();
    }

    /** The newest checkpoint of which every byte is as it was written; nothing is changed or removed. */
    public Found newestWhole(JavaSparkContext spark) {
        List<Refused> refused = new ArrayList<>();
        for (Path folder : folders()) {
            try {
                Stored stored = new Stored(folder, manifest(folder));
                Optional<String> defect = defect(spark, stored);
                if (defect.isEmpty()) {
                    return new Found(Optional.of(stored), refused);
                }
                refused.add(new Refused(folder, defect.get()));
            } catch (MalformedException e) {
                refused.add(new Refused(folder, e.getMessage()));
            }
        }
        return new Found(Optional.empty(), refused);
    }

    /** What is wrong with a checkpoint's parts; empty when each has the length and the checksum that the manifest says. */
    public Optional<String> defect(JavaSparkContext spark, Stored stored) {
        return Verification.defect(spark, configuration, stored);
    }

    /** Folders with a checkpoint's name, newest first; of two at one round the one that was written later. */
    private List<Path> folders() {
        try {
            return Arrays.stream(fileSystem().listStatus(directory))
                    .filter(folder -> folder.isDirectory()
                            && FOLDER.matcher(folder.getPath().getName()).matches())
                    .sorted(Comparator.comparingInt((FileStatus folder) -> round(folder.getPath()))
                            .thenComparing(FileStatus::getModificationTime)
                            .reversed())
                    .map(FileStatus::getPath)
                    .toList();
        } catch (FileNotFoundException e) {
            return List.of();
        } catch (IOException e) {
            throw new InputException("Cannot list the checkpoints in " + directory + ": " + e.getMessage(), e);
        }
    }

    private static int round(Path folder) {
        Matcher name = FOLDER.matcher(folder.getName());
        return name.matches() ? Integer.parseInt(name.group(1)) : -1;
    }

    private Checkpoint manifest(Path folder) throws MalformedException {
        Checkpoint manifest;
        try {
            manifest = Manifest.read(fileSystem(), new Path(folder, Manifest.NAME));
        } catch (MalformedException e) {
            throw e;
        } catch (FileNotFoundException e) {
            throw new MalformedException("it has no " + Manifest.NAME + ", so it was not finished");
        } catch (IOException e) {
            throw new MalformedException("its " + Manifest.NAME + " cannot be read: " + Reason.of(e));
        }
        if (manifest.round() != round(folder)) {
            throw new MalformedException(
                    "its " + Manifest.NAME + " is of round " + manifest.round() + ", its name of another");
        }
        return manifest;
    }

    /**
     * Removes a checkpoint: the parts that its manifest names, the manifest, the folder, in this order, so that what is left of an interrupted
     * removal is still known. A folder with anything else in it stays as it is.
     *
     * @return why it was not removed; empty when it was
     */
    public Optional<String> remove(Stored stored) {
        Path folder = stored.folder();
        Set<String> named =
                stored.manifest().parts().stream().map(Checkpoint.Part::name).collect(Collectors.toSet());
        try {
            FileSystem fs = fileSystem();
            for (FileStatus file : fs.listStatus(folder)) {
                String name = file.getPath().getName();
                if (!file.isFile() || !named.contains(name) && !name.equals(Manifest.NAME)) {
                    return Optional.of("it holds " + name + ", which its manifest does not name");
                }
            }
            for (String part : named) {
                fs.delete(new Path(folder, part), false);
            }
            fs.delete(new Path(folder, Manifest.NAME), false);
            fs.delete(folder, false);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(Reason.of(e));
        }
    }

    private FileSystem fileSystem() throws IOException {
        return directory.getFileSystem(configuration);
    }

    /** The slices as they were written, one partition a part; read and verified by the executors. */
    public static JavaRDD<Slice> read(JavaSparkContext spark, Stored stored) {
        SerializableConfiguration hadoop = new SerializableConfiguration(spark.hadoopConfiguration());
        String folder = stored.folder().toString();
        List<Checkpoint.Part> parts = List.copyOf(stored.manifest().parts());
        SlicePlan plan = plan(stored.manifest());
        int largest = plan.sliceLength() * Float.BYTES;
        List<Integer> numbers = IntStream.range(0, parts.size()).boxed().toList();
        return spark.parallelize(numbers, parts.size()).mapPartitions(number -> {
            int partition = number.next();
            Checkpoint.Part part = parts.get(partition);
            SliceFile.Reader reader = open(new Path(folder), part, largest, hadoop.value());
            TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> close(reader));
            return new PlacedSlices(reader, folder + "/" + part.name(), plan, partition, parts.size());
        });
    }

    private static SlicePlan plan(Checkpoint manifest) {
        return new SlicePlan(manifest.parameters(), manifest.sliceLength());
    }

    /** The parameters in flat order, slice by slice, streamed from all parts at once. */
    public Parameters parameters(Stored stored) throws IOException {
        return vector(stored, Slice.PARAMETERS);
    }

    /** The same of another vector that is the same for all replicas. */
    public Parameters vector(Stored stored, int vector) throws IOException {
        return new Parameters(stored, vector, configuration);
    }

    private static SliceFile.Reader open(Path folder, Checkpoint.Part part, int largest, Configuration configuration)
            throws IOException {
        Path path = new Path(folder, part.name());
        try {
            return new SliceFile.Reader(path.getFileSystem(configuration).open(path), path.toString(), part, largest);
        } catch (FileNotFoundException e) {
            throw new InputException(
                    "The checkpoint in " + folder + " lacks its part " + part.name()
                            + ". Resume the run: it goes on from the newest checkpoint that is whole.",
                    e);
        }
    }

    private static void close(SliceFile.Reader reader) {
        try {
            reader.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Iterates over the parameters of a checkpoint, or another shared vector, holding one slice at a time. */
    public static final class Parameters implements Iterator<float[]>, AutoCloseable {
        private final List<SliceFile.Reader> readers = new ArrayList<>();
        private final int vector;
        private final int slices;
        private int next;

        private Parameters(Stored stored, int vector, Configuration configuration) throws IOException {
            Checkpoint manifest = stored.manifest();
            int largest = manifest.sliceLength() * Float.BYTES;
            this.vector = vector;
            this.slices = plan(manifest).slices();
            for (Checkpoint.Part part : manifest.parts()) {
                readers.add(open(stored.folder(), part, largest, configuration));
            }
        }

        @Override
        public boolean hasNext() {
            return next < slices;
        }

        /** Slices of a vector lie together and in order, those of the parameters first, and slice s lies in part s mod R. */
        @Override
        public float[] next() {
            SliceFile.Reader part = readers.get(next % readers.size());
            Slice slice = part.next();
            while (slice.vector() != vector && part.hasNext() && next < readers.size()) {
                slice = part.next();
            }
            if (slice.vector() != vector || slice.index() != next) {
                throw new InputException("A checkpoint part is damaged: it holds slice " + slice.index() + " of vector "
                        + slice.vector() + " where slice " + next + " of vector " + vector + " should be.");
            }
            next++;
            return slice.toFloats();
        }

        @Override
        public void close() {
            readers.forEach(CheckpointStore::close);
        }
    }
}
