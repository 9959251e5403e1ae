package org.starling.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.starling.InputException;
import org.starling.model.Slice;

/**
 * The checkpoints of a run: folders {@code round-00000012-<id>} in one directory of any Hadoop FileSystem. Executors write the parts, each under a
 * name of its attempt; the driver writes {@code manifest.json} last. A folder without a manifest is no checkpoint. Parameters never pass through
 * the driver, except when it streams them into a model file.
 */
public final class CheckpointStore {
    private static final String MANIFEST = "manifest.json";
    private static final int LARGEST_MANIFEST = 16 << 20;
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    private final Path directory;
    private final Configuration configuration;

    /** @param directory need not exist yet */
    public CheckpointStore(Path directory, Configuration configuration) {
        this.directory = directory;
        this.configuration = configuration;
    }

    /** A checkpoint and where it is. */
    public record Stored(Path folder, Checkpoint manifest) {}

    /**
     * Writes the slices, one part a partition, then the manifest.
     *
     * @param slices partition j of R holds shared slices j mod R and replica j's own, in (vector, index) order
     * @param manifest all but its parts
     */
    public Stored write(JavaRDD<Slice> slices, Checkpoint manifest) {
        String id = UUID.randomUUID().toString().substring(0, 8);
        Path folder = new Path(directory, String.format("round-%08d-%s", manifest.round(), id));
        SerializableConfiguration hadoop = new SerializableConfiguration(configuration);
        String folderName = folder.toString();
        List<Checkpoint.Part> parts = slices.mapPartitionsWithIndex(
                        (partition, part) -> List.of(writePart(folderName, hadoop, partition, part))
                                .iterator(),
                        true)
                .collect();
        Checkpoint complete = manifest.withParts(parts);
        Path last = new Path(folder, MANIFEST);
        try (OutputStream out = last.getFileSystem(configuration).create(last, false)) {
            out.write(JSON.writeValueAsBytes(complete));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + last, e);
        }
        return new Stored(folder, complete);
    }

    private static Checkpoint.Part writePart(
            String folder, SerializableConfiguration hadoop, int partition, Iterator<Slice> slices) throws IOException {
        TaskContext task = TaskContext.get();
        // The attempt's own name: a speculative copy or a retry never meets another's file.
        String name = String.format("part-%05d-%d", partition, task.taskAttemptId());
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
        try (OutputStream out = path.getFileSystem(hadoop.value()).create(path, false)) {
            return SliceFile.write(out, name, interruptible);
        }
    }

    /** Checkpoints with a manifest, newest first. */
    public List<Stored> list() {
        List<Stored> found = new ArrayList<>();
        try {
            for (FileStatus folder : directory.getFileSystem(configuration).listStatus(directory)) {
                if (folder.isDirectory() && folder.getPath().getName().startsWith("round-")) {
                    manifest(folder.getPath()).ifPresent(m -> found.add(new Stored(folder.getPath(), m)));
                }
            }
        } catch (FileNotFoundException e) {
            return List.of();
        } catch (IOException e) {
            throw new InputException("Cannot list the checkpoints in " + directory + ": " + e.getMessage(), e);
        }
        // Of two at one round the later one: a final checkpoint may follow a periodic one.
        found.sort(Comparator.comparingInt((Stored s) -> s.manifest().round())
                .thenComparing(s -> s.folder().getName())
                .reversed());
        return found;
    }

    private Optional<Checkpoint> manifest(Path folder) throws IOException {
        Path path = new Path(folder, MANIFEST);
        FileSystem fs = path.getFileSystem(configuration);
        if (!fs.exists(path)) {
            return Optional.empty();
        }
        byte[] bytes;
        try (InputStream in = fs.open(path)) {
            bytes = in.readNBytes(LARGEST_MANIFEST);
        }
        try {
            int version = JSON.readTree(bytes).path("formatVersion").asInt(-1);
            if (version != Checkpoint.FORMAT_VERSION) {
                throw new InputException("The checkpoint manifest " + path + " has format version " + version
                        + "; this Starling reads version " + Checkpoint.FORMAT_VERSION
                        + ". Resume with the Starling that wrote it.");
            }
            return Optional.of(JSON.readValue(bytes, Checkpoint.class));
        } catch (JsonProcessingException e) {
            throw new InputException(
                    "The checkpoint manifest " + path + " is damaged: " + e.getOriginalMessage()
                            + ". Remove its folder to go on from the checkpoint before it.",
                    e);
        }
    }

    /** The slices as they were written, one partition a part; read and verified by the executors. */
    public static JavaRDD<Slice> read(JavaSparkContext spark, Stored stored) {
        SerializableConfiguration hadoop = new SerializableConfiguration(spark.hadoopConfiguration());
        String folder = stored.folder().toString();
        List<Checkpoint.Part> parts = List.copyOf(stored.manifest().parts());
        int largest = stored.manifest().sliceLength() * Float.BYTES;
        List<Integer> numbers = IntStream.range(0, parts.size()).boxed().toList();
        return spark.parallelize(numbers, parts.size()).mapPartitions(number -> {
            SliceFile.Reader reader = open(new Path(folder), parts.get(number.next()), largest, hadoop.value());
            TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> close(reader));
            return reader;
        });
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
                            + ". Remove the folder to go on from the checkpoint before it.",
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
            this.slices = (int) ((manifest.parameters() + manifest.sliceLength() - 1) / manifest.sliceLength());
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
