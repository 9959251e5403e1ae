package org.starling.data;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.IntWritable;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.SequenceFile;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.io.Writable;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.starling.InputException;

/**
 * Hadoop's SequenceFiles with the bytes of an image file a record ({@code BytesWritable}). The key is the number of its class ({@code IntWritable},
 * {@code LongWritable}), or the image's path ({@code Text}) whose first folder is its class. Their keys are read when the set is opened.
 *
 * @param labelled whether images have labels
 */
record SequenceFileSource(
        String folder,
        String location,
        List<String> classes,
        boolean namesClasses,
        String state,
        List<SequenceFileSource.Part> parts,
        boolean labelled)
        implements ImageSource {
    private static final byte[] MAGIC = {'S', 'E', 'Q'};

    /**
     * A file.
     *
     * @param file its path
     * @param name of it below the set's folder
     */
    record Part(String file, String name) implements Serializable {}

    /** Whether a file says that it is one. */
    static boolean isSequenceFile(SourceFiles files, FileStatus file) {
        if (file.isDirectory() || file.getLen() < MAGIC.length) {
            return false;
        }
        try (FSDataInputStream in = files.fileSystem().open(file.getPath())) {
            return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
        } catch (IOException e) {
            throw unreadable(file.getPath(), e);
        }
    }

    /** @throws InputException when there are none, or of other keys and values */
    static SequenceFileSource open(SourceFiles files, boolean labelled) {
        List<FileStatus> found = files.entries().stream()
                .filter(file -> isSequenceFile(files, file))
                .toList();
        if (found.isEmpty()) {
            throw new InputException("No SequenceFiles in " + files.path() + ", which " + files.summary()
                    + ". Expected files of Hadoop's that begin with SEQ.");
        }
        Path folder = files.folder();
        int prefix = folder.toUri().getPath().length() + (folder.isRoot() ? 0 : 1);
        FileStates states = new FileStates();
        List<Part> parts = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        int largest = -1;
        boolean numbers = false;
        for (FileStatus file : found) {
            states.add(file);
            parts.add(new Part(
                    file.getPath().toString(), file.getPath().toUri().getPath().substring(prefix)));
            if (labelled) {
                try (Records records =
                        new Records(file.getPath(), files.fileSystem().getConf())) {
                    numbers = records.hasNumbers();
                    while (records.next()) {
                        if (numbers) {
                            largest = Math.max(largest, records.number());
                        } else {
                            keys.add(records.className());
                        }
                    }
                }
            }
        }
        if (labelled && keys.isEmpty() == (largest < 0)) {
            throw new InputException("The SequenceFiles in " + files.path()
                    + (largest < 0 ? " have no records." : " have keys of two kinds.")
                    + " Expected records whose keys are all class numbers, or all paths.");
        }
        List<String> classes;
        boolean named = true;
        if (!labelled) {
            classes = List.of();
        } else if (largest >= 0) {
            NumberedClasses numbered =
                    NumberedClasses.of(files, largest, files.path().toString());
            classes = numbered.names();
            named = numbered.named();
        } else {
            classes = NamedClasses.of(keys.stream()).names();
        }
        return new SequenceFileSource(
                folder.toString(), files.path().toString(), classes, named, states.value(), parts, labelled);
    }

    private static InputException unreadable(Path path, Exception e) {
        return new InputException("The SequenceFile " + path + " cannot be read: " + SourceFiles.reason(e) + ".", e);
    }

    @Override
    public String format() {
        return "sequencefile";
    }

    /** A file a task: what lies where in one is known only by reading. */
    @Override
    public JavaRDD<ImageRecord> records(JavaSparkContext context, int partitions) {
        Broadcast<SerializableConfiguration> configuration =
                context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
        List<String> names = classes;
        boolean labels = labelled;
        return context.parallelize(parts, Math.max(1, Math.min(partitions, parts.size())))
                .flatMap(part ->
                        new Images(part, names, labels, configuration.value().value()));
    }

    /** The records of a file. */
    private static final class Records implements AutoCloseable {
        private final Path path;
        private final SequenceFile.Reader reader;
        private final Writable key;
        private final BytesWritable value = new BytesWritable();
        private long count;

        Records(Path path, Configuration configuration) {
            this.path = path;
            try {
                this.reader = new SequenceFile.Reader(configuration, SequenceFile.Reader.file(path));
            } catch (IOException | RuntimeException e) {
                // An unknown codec, a damaged header.
                throw unreadable(path, e);
            }
            this.key = key(reader.getKeyClassName());
            if (key == null || !reader.getValueClassName().equals(BytesWritable.class.getName())) {
                close();
                throw new InputException("The SequenceFile " + path + " has keys of " + reader.getKeyClassName()
                        + " and values of " + reader.getValueClassName()
                        + ". Expected Text, IntWritable or LongWritable, and BytesWritable.");
            }
        }

        private static Writable key(String type) {
            return Stream.of(new Text(), new IntWritable(), new LongWritable())
                    .filter(key -> key.getClass().getName().equals(type))
                    .findFirst()
                    .orElse(null);
        }

        boolean hasNumbers() {
            return !(key instanceof Text);
        }

        /** Goes to the next record; its value is read only when it is asked for. */
        boolean next() {
            try {
                count++;
                return reader.next(key);
            } catch (IOException | RuntimeException e) {
                throw unreadable(path, e);
            }
        }

        int number() {
            long number = key instanceof LongWritable large ? large.get() : ((IntWritable) key).get();
            if (number < 0 || number > Integer.MAX_VALUE) {
                throw new InputException("Record " + (count - 1) + " of " + path + " has the key " + number
                        + ". Expected the number of a class.");
            }
            return (int) number;
        }

        /** The path's first folder. */
        String className() {
            String name = key.toString();
            int slash = name.indexOf('/');
            if (slash < 1) {
                throw new InputException("Record " + (count - 1) + " of " + path + " has the key '" + name
                        + "'. Expected the path of an image below the folder of its class, such as cat/1.jpg.");
            }
            return name.substring(0, slash);
        }

        /** Unique in the set, as keys need not be. */
        String name(Part part) {
            return part.name() + "#" + (count - 1) + (hasNumbers() ? "" : "/" + key);
        }

        byte[] value() {
            try {
                reader.getCurrentValue(value);
                return value.copyBytes();
            } catch (IOException | RuntimeException e) {
                throw unreadable(path, e);
            }
        }

        @Override
        public void close() {
            try {
                reader.close();
            } catch (IOException e) {
                throw unreadable(path, e);
            }
        }
    }

    /** The images of a file, one after the other. */
    private static final class Images implements Iterator<ImageRecord> {
        private final Part part;
        private final NamedClasses classes;
        private final int count;
        private final boolean labelled;
        private final Records records;
        private boolean ready;

        Images(Part part, List<String> classes, boolean labelled, Configuration configuration) {
            this.part = part;
            this.classes = NamedClasses.of(classes.stream());
            this.count = classes.size();
            this.labelled = labelled;
            this.records = new Records(new Path(part.file()), configuration);
            TaskContext.get().addTaskCompletionListener((TaskCompletionListener) ended -> records.close());
            this.ready = records.next();
        }

        @Override
        public boolean hasNext() {
            return ready;
        }

        @Override
        public ImageRecord next() {
            if (!ready) {
                throw new NoSuchElementException();
            }
            ImageRecord image =
                    new ImageRecord(records.name(part), label(), ImageRecord.Encoding.FILE, 0, 0, 0, records.value());
            ready = records.next();
            return image;
        }

        private int label() {
            if (!labelled) {
                return NamedImage.UNLABELLED;
            }
            int label = records.hasNumbers() ? records.number() : classes.labelOrNone(records.className());
            if (label < 0 || label >= count) {
                throw new InputException(part.file() + " has changed since the set was opened: it has a class that was"
                        + " not there. Run the job again.");
            }
            return label;
        }
    }
}
