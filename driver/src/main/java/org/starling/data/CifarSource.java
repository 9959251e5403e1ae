package org.starling.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.InputException;

/** Files of CIFAR's binary version: records of one or two label bytes and 3 x 32 x 32 values, red plane first. */
record CifarSource(
        String folder,
        Variant variant,
        boolean labelled,
        List<String> classes,
        boolean namesClasses,
        String state,
        List<Batch> batches)
        implements ImageSource {

    private static final int SIDE = 32;
    private static final int PIXELS = 3 * SIDE * SIDE;

    /** The two sets. The label is the last of a record's label bytes: CIFAR-100's first is the coarse label. */
    enum Variant {
        CIFAR10(1, 10, "batches.meta.txt", "data_batch_", "test_batch"),
        CIFAR100(2, 100, "fine_label_names.txt", "train", "test");

        private final int labelBytes;
        private final int classes;
        private final String namesFile;
        private final String trainName;
        private final String testName;

        Variant(int labelBytes, int classes, String namesFile, String trainName, String testName) {
            this.labelBytes = labelBytes;
            this.classes = classes;
            this.namesFile = namesFile;
            this.trainName = trainName;
            this.testName = testName;
        }

        int recordLength() {
            return labelBytes + PIXELS;
        }

        /** Whether a file has one of this set's names. */
        boolean owns(FileStatus file) {
            String name = file.getPath().getName();
            return name.endsWith(".bin") && (name.startsWith(trainName) || name.startsWith(testName));
        }
    }

    /** One file with its number of images. */
    record Batch(String file, String name, long images) implements Serializable {}

    /** A run of images of one file that one task reads. */
    private record Slice(Batch batch, long first, int count) implements Serializable {}

    static CifarSource open(SourceFiles files, Variant variant, boolean labelled) {
        List<FileStatus> found = files.entries().stream()
                .filter(entry -> !entry.isDirectory()
                        && (!files.isFolder() || entry.getPath().getName().endsWith(".bin")))
                .toList();
        if (found.isEmpty()) {
            throw new InputException("No CIFAR binary files in " + files.path() + ", which " + files.summary()
                    + ". Expected " + variant.trainName + "*.bin or " + variant.testName + ".bin.");
        }
        if (files.isFolder() && has(found, variant.trainName) && has(found, variant.testName)) {
            throw new InputException("The folder " + files.path() + " holds training and test files: "
                    + found.stream().map(file -> file.getPath().getName()).collect(Collectors.joining(", "))
                    + ". Name the ones to use instead of the folder: " + files.path() + "/" + variant.trainName
                    + "*.bin or " + files.path() + "/" + variant.testName + ".bin.");
        }
        List<Batch> batches = found.stream().map(file -> batch(file, variant)).toList();
        Optional<List<String>> named = labelled ? files.classNames(variant.namesFile) : Optional.of(List.of());
        if (labelled && named.isPresent() && named.get().size() != variant.classes) {
            throw new InputException("The file " + variant.namesFile + " in " + files.folder() + " names "
                    + named.get().size() + " classes, expected " + variant.classes + ", one a line.");
        }
        List<String> classes = named.orElseGet(() ->
                IntStream.range(0, variant.classes).mapToObj(String::valueOf).toList());
        FileStates states = new FileStates();
        found.forEach(states::add);
        return new CifarSource(
                files.folder().toString(), variant, labelled, classes, named.isPresent(), states.value(), batches);
    }

    private static boolean has(List<FileStatus> files, String prefix) {
        return files.stream().anyMatch(file -> file.getPath().getName().startsWith(prefix));
    }

    private static Batch batch(FileStatus file, Variant variant) {
        if (file.getLen() == 0 || file.getLen() % variant.recordLength() != 0) {
            throw new InputException("CIFAR file " + file.getPath() + " has " + file.getLen()
                    + " bytes, expected a multiple of " + variant.recordLength()
                    + ", the length of one image with its label. It is cut, or of another format.");
        }
        return new Batch(file.getPath().toString(), file.getPath().getName(), file.getLen() / variant.recordLength());
    }

    @Override
    public String format() {
        return variant == Variant.CIFAR10 ? "cifar10" : "cifar100";
    }

    @Override
    public JavaRDD<ImageRecord> records(JavaSparkContext context, int partitions) {
        Broadcast<SerializableConfiguration> configuration =
                context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
        long images = batches.stream().mapToLong(Batch::images).sum();
        int length = (int) Math.max(1, Math.min(Integer.MAX_VALUE, (images + partitions - 1) / partitions));
        List<Slice> slices = new ArrayList<>();
        for (Batch batch : batches) {
            for (long first = 0; first < batch.images(); first += length) {
                slices.add(new Slice(batch, first, (int) Math.min(length, batch.images() - first)));
            }
        }
        return read(context.parallelize(slices, slices.size()), variant, labelled, configuration);
    }

    private static JavaRDD<ImageRecord> read(
            JavaRDD<Slice> slices,
            Variant variant,
            boolean labelled,
            Broadcast<SerializableConfiguration> configuration) {
        return slices.flatMap(
                slice -> read(slice, variant, labelled, configuration.value().value()));
    }

    private static Iterator<ImageRecord> read(
            Slice slice, Variant variant, boolean labelled, Configuration configuration) {
        int length = variant.recordLength();
        FixedLengthRecords records = FixedLengthRecords.open(
                slice.batch().file(), slice.first() * length, length, slice.count(), configuration);
        return new Iterator<>() {
            private long next = slice.first();

            @Override
            public boolean hasNext() {
                return records.hasNext();
            }

            @Override
            public ImageRecord next() {
                return record(slice.batch(), next++, records.next(), variant, labelled);
            }
        };
    }

    private static ImageRecord record(Batch batch, long index, byte[] bytes, Variant variant, boolean labelled) {
        int label = labelled ? bytes[variant.labelBytes - 1] & 0xFF : -1;
        if (label >= variant.classes) {
            throw new InputException("Image " + index + " of " + batch.file() + " has label " + label
                    + ", expected 0 to " + (variant.classes - 1) + ". The file is damaged, or of another format.");
        }
        return new ImageRecord(
                batch.name() + "#" + index,
                label,
                ImageRecord.Encoding.RAW_PLANAR,
                SIDE,
                SIDE,
                3,
                Arrays.copyOfRange(bytes, variant.labelBytes, bytes.length));
    }
}
