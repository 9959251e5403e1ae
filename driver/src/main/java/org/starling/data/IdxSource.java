package org.starling.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.InputException;

/**
 * The two IDX files of the MNIST family: images {@code [N, h, w]} or {@code [N, h, w, c]}, and labels {@code [N]}. The driver
 * holds the labels, one byte an image.
 */
record IdxSource(
        String folder,
        List<String> classes,
        boolean namesClasses,
        String file,
        String name,
        long offset,
        int height,
        int width,
        int channels,
        int count,
        byte[] labels,
        String state)
        implements ImageSource {

    private static final Pattern IMAGES_NAME = Pattern.compile("(?i).*images[-_.]idx[34].*");

    /** A run of images that one task reads; labels is empty for images without labels. */
    private record Slice(IdxSource source, int first, int count) implements Serializable {}

    static boolean isImagesName(String name) {
        return IMAGES_NAME.matcher(name).matches();
    }

    static IdxSource open(SourceFiles files, boolean labelled) {
        FileStatus imagesStatus = imagesFile(files);
        IdxFile images = IdxFile.open(files, imagesStatus);
        int[] sizes = images.sizes();
        int channels = sizes.length == 4 ? sizes[3] : 1;
        if (sizes.length < 3
                || images.count() == 0
                || (long) sizes[1] * sizes[2] < 1
                || (long) sizes[1] * sizes[2] > ImageDecoder.MAXIMUM_PIXELS
                || channels < 1
                || channels > 4) {
            throw new InputException("IDX file " + images.path() + " holds " + images.dimensions()
                    + " values, expected images: N x height x width (grey) or N x height x width x channels (colour),"
                    + " with 1 to 4 channels and at most " + ImageDecoder.MAXIMUM_PIXELS + " pixels each.");
        }
        byte[] labels = labelled ? labels(files, images) : new byte[0];
        Optional<List<String>> named = labelled ? files.classNames(NumberedClasses.FILE) : Optional.of(List.of());
        List<String> classes = named.orElseGet(() -> numbered(labels));
        if (labelled) {
            checkLabels(labels, classes, files, images);
        }
        FileStates states = new FileStates();
        states.add(imagesStatus);
        return new IdxSource(
                files.folder().toString(),
                classes,
                named.isPresent(),
                images.path().toString(),
                images.path().getName().replaceFirst("\\.gz$", ""),
                images.offset(),
                sizes[1],
                sizes[2],
                channels,
                images.count(),
                labels,
                states.value());
    }

    private static FileStatus imagesFile(SourceFiles files) {
        List<FileStatus> found = files.entries().stream()
                .filter(entry -> !files.isFolder()
                        || !entry.isDirectory() && isImagesName(entry.getPath().getName()))
                .toList();
        if (found.isEmpty()) {
            throw new InputException("No IDX images file in " + files.path() + ", which " + files.summary()
                    + ". Expected a file named like train-images-idx3-ubyte or t10k-images-idx3-ubyte.gz; under another"
                    + " name, name the file itself.");
        }
        if (found.size() > 1) {
            throw new InputException(files.path() + " holds " + found.size() + " IDX images files: "
                    + found.stream().map(file -> file.getPath().getName()).collect(Collectors.joining(", "))
                    + ". Name the one to use instead of the folder, such as "
                    + found.get(found.size() - 1).getPath() + "; its labels are found beside it.");
        }
        return found.get(0);
    }

    private static byte[] labels(SourceFiles files, IdxFile images) {
        String imagesName = images.path().getName();
        String plain = imagesName
                .replaceFirst("\\.gz$", "")
                .replaceFirst("(?i)images", "labels")
                .replaceFirst("(?i)idx[34]", "idx1");
        if (plain.equals(imagesName.replaceFirst("\\.gz$", ""))) {
            throw new InputException(
                    "The IDX images file " + images.path() + " has no 'images' in its name, so the name of"
                            + " its labels file cannot be told. Expected names like train-images-idx3-ubyte and"
                            + " train-labels-idx1-ubyte.");
        }
        FileStatus status = files.entries(files.folder()).stream()
                .filter(entry ->
                        entry.getPath().getName().replaceFirst("\\.gz$", "").equals(plain))
                .findFirst()
                .orElseThrow(() -> new InputException("No labels beside the IDX images file " + images.path()
                        + ". Expected the file " + plain + " or " + plain + ".gz in the same folder."));
        IdxFile labels = IdxFile.open(files, status);
        if (labels.sizes().length != 1) {
            throw new InputException("IDX file " + labels.path() + " holds " + labels.dimensions()
                    + " values, expected labels in one dimension.");
        }
        if (labels.count() != images.count()) {
            throw new InputException("IDX files do not belong together: " + images.path() + " holds " + images.count()
                    + " images and " + labels.path() + " holds " + labels.count()
                    + " labels. Expected as many labels as"
                    + " images.");
        }
        return labels.values(files.fileSystem());
    }

    private static List<String> numbered(byte[] labels) {
        int largest = 0;
        for (byte label : labels) {
            largest = Math.max(largest, label & 0xFF);
        }
        return IntStream.rangeClosed(0, largest).mapToObj(String::valueOf).toList();
    }

    private static void checkLabels(byte[] labels, List<String> classes, SourceFiles files, IdxFile images) {
        for (int i = 0; i < labels.length; i++) {
            int label = labels[i] & 0xFF;
            if (label >= classes.size()) {
                throw new InputException("Image " + i + " of " + images.path() + " has label " + label + ", but "
                        + NumberedClasses.FILE + " in " + files.folder() + " names " + classes.size()
                        + " classes: labels go from 0 to " + (classes.size() - 1)
                        + ". Name every class there, or correct the labels.");
            }
        }
    }

    @Override
    public String location() {
        return file;
    }

    @Override
    public String format() {
        return "idx";
    }

    @Override
    public JavaRDD<ImageRecord> records(JavaSparkContext context, int partitions) {
        Broadcast<SerializableConfiguration> configuration =
                context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
        List<Slice> slices = new ArrayList<>();
        int parts = Math.min(partitions, count);
        for (int p = 0; p < parts; p++) {
            int first = (int) ((long) count * p / parts);
            int end = (int) ((long) count * (p + 1) / parts);
            slices.add(new Slice(part(first, end), first, end - first));
        }
        return context.parallelize(slices, parts).flatMap(slice -> slice.source()
                .read(slice, configuration.value().value()));
    }

    /** This source with the labels of one slice only: what a task needs of it. */
    private IdxSource part(int first, int end) {
        byte[] part = labels.length == 0 ? labels : Arrays.copyOfRange(labels, first, end);
        return new IdxSource(
                folder, List.of(), namesClasses, file, name, offset, height, width, channels, count, part, state);
    }

    private Iterator<ImageRecord> read(Slice slice, Configuration configuration) {
        int length = height * width * channels;
        FixedLengthRecords images = FixedLengthRecords.open(
                file, offset + (long) slice.first() * length, length, slice.count(), configuration);
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return images.hasNext();
            }

            @Override
            public ImageRecord next() {
                byte[] pixels = images.next();
                int i = next++;
                return new ImageRecord(
                        name + "#" + (slice.first() + i),
                        labels.length == 0 ? -1 : labels[i] & 0xFF,
                        ImageRecord.Encoding.RAW_INTERLEAVED,
                        height,
                        width,
                        channels,
                        pixels);
            }
        };
    }
}
