package org.starling.checkpoint;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.api.ParamInitializer;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.InputException;
import org.starling.PrintableText;
import org.starling.checkpoint.CoefficientsFormat.MalformedException;
import org.starling.model.SequentialModel;

/**
 * A trained model on any Hadoop FileSystem, two files: {@code NAME.zip}, which plain DL4J opens with
 * {@code ModelSerializer.restoreMultiLayerNetwork}, and {@code NAME.json}, which says what DL4J's file cannot: labels, input, normalization
 * and the Keras model. The JSON is written last and holds the zip's length and checksum: without it the zip counts as unfinished.
 *
 * <p>Parameters are streamed, in both directions. Reading takes no class names from the file and deserializes no objects: the network is
 * built again from the Keras JSON, and of the zip only the numbers are used. That is why files from strangers may be read.
 */
public final class ModelFile {
    static final String CONFIGURATION = "configuration.json";
    static final String COEFFICIENTS = "coefficients.bin";

    /** What a run directory calls its first model; later ones are {@code model-2.zip} and so on. */
    public static final String FIRST_IN_RUN = "model.zip";

    /** DL4J reads an entry into one Java array. */
    private static final long LARGEST_ENTRY = Integer.MAX_VALUE - (1 << 16);

    private static final int LARGEST_CONFIGURATION = 64 << 20;
    private static final int STREAM_BUFFER = 64 << 10;

    /** Of an entry's name, which may be 64 kB long. */
    private static final int SHOWN_OF_NAME = 80;

    /** The earliest that a zip can say, so that the same parameters give the same bytes. */
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private ModelFile() {}

    /** The JSON beside a zip. */
    public static Path descriptionPath(Path zip) {
        String name = zip.getName();
        String stem = name.endsWith(".zip") ? name.substring(0, name.length() - ".zip".length()) : name;
        return new Path(zip.getParent(), stem + ".json");
    }

    /** Whether there is a JSON beside a zip: a plain DL4J network has none. */
    static boolean hasDescription(Path zip, Configuration configuration) throws IOException {
        return zip.getFileSystem(configuration).exists(descriptionPath(zip));
    }

    /**
     * Refuses a place where something exists, so that a run can find out before it trains.
     *
     * @throws InputException when the zip or its JSON exists
     */
    public static void requireAbsent(Path zip, Configuration configuration) throws IOException {
        FileSystem fileSystem = zip.getFileSystem(configuration);
        for (Path path : new Path[] {zip, descriptionPath(zip)}) {
            if (fileSystem.exists(path)) {
                throw exists(path);
            }
        }
    }

    private static InputException exists(Path path) {
        return new InputException(
                path
                        + ": exists already. A model is written only where nothing is, so that none is lost; choose another name or move the file away.");
    }

    /**
     * Writes a model. What a failure leaves behind is deleted; where even that fails the remains have no JSON and are refused by
     * {@link #read}.
     *
     * @param parameters the flat vector in order, in chunks of any length; only one chunk is held at a time
     * @throws InputException when the zip or its JSON exists, or the network is too large for DL4J's format
     * @throws IOException when a file cannot be written
     */
    public static void write(
            Path zip, Configuration configuration, ModelDescription description, Iterator<float[]> parameters)
            throws IOException {
        SequentialModel model = description.model(zip.toString());
        long count = model.parameterCount();
        if (4 * count > LARGEST_ENTRY) {
            throw new InputException("%s: the network has %,d parameters, and a DL4J file holds at most %,d."
                    .formatted(zip, count, LARGEST_ENTRY / 4));
        }
        requireAbsent(zip, configuration);
        FileSystem fileSystem = zip.getFileSystem(configuration);
        String dl4j = dl4jJson(model.toDl4j(description.seed()));
        CRC32C checksum = new CRC32C();
        writeNew(fileSystem, zip, out -> writeZip(new CheckedOutputStream(out, checksum), dl4j, count, parameters));
        long length = fileSystem.getFileStatus(zip).getLen();
        ModelDescriptionJson json = new ModelDescriptionJson(length, checksum.getValue(), count, description);
        try {
            writeNew(fileSystem, descriptionPath(zip), out -> out.write(json.toBytes(model)));
        } catch (IOException | RuntimeException e) {
            delete(fileSystem, zip, e);
            throw e;
        }
    }

    /**
     * Copies a model's two files as they are.
     *
     * @throws InputException when the zip or its JSON exists
     * @throws IOException when a file cannot be read or written
     */
    public static void copy(Path from, Path to, Configuration configuration) throws IOException {
        requireAbsent(to, configuration);
        copyFile(from, to, configuration);
        try {
            copyFile(descriptionPath(from), descriptionPath(to), configuration);
        } catch (IOException | RuntimeException e) {
            delete(to.getFileSystem(configuration), to, e);
            throw e;
        }
    }

    private static void copyFile(Path from, Path to, Configuration configuration) throws IOException {
        try (InputStream in = from.getFileSystem(configuration).open(from)) {
            writeNew(to.getFileSystem(configuration), to, in::transferTo);
        }
    }

    /**
     * The configuration as DL4J writes it for a network that has been built. The names of the variables make the difference: without a
     * {@code var} DL4J reads batch normalization's variances as logarithms of deviations.
     */
    private static String dl4jJson(MultiLayerConfiguration network) {
        for (NeuralNetConfiguration layer : network.getConfs()) {
            ParamInitializer initializer = layer.getLayer().initializer();
            if (initializer != null) {
                initializer.paramKeys(layer.getLayer()).forEach(layer::addVariable);
            }
        }
        return network.toJson();
    }

    private interface Content {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Creates a file, or leaves none. */
    private static void writeNew(FileSystem fileSystem, Path path, Content content) throws IOException {
        OutputStream created;
        try {
            created = fileSystem.create(path, false);
        } catch (FileAlreadyExistsException | java.nio.file.FileAlreadyExistsException e) {
            throw exists(path);
        }
        try {
            try (created) {
                content.writeTo(created);
            }
        } catch (IOException | RuntimeException | Error e) {
            delete(fileSystem, path, e);
            throw e;
        }
    }

    private static void delete(FileSystem fileSystem, Path path, Throwable because) {
        try {
            fileSystem.delete(path, false);
        } catch (IOException e) {
            because.addSuppressed(e);
        }
    }

    /** Writes DL4J's zip; leaves {@code out} open, and without the zip's end when it fails. */
    static void writeZip(OutputStream out, String dl4j, long count, Iterator<float[]> parameters) throws IOException {
        BufferedOutputStream buffered = new BufferedOutputStream(out, STREAM_BUFFER);
        // Not closed on failure: closing would complete the directory of a zip whose content is not complete.
        @SuppressWarnings("resource")
        ZipOutputStream zip = new ZipOutputStream(buffered);
        zip.putNextEntry(entry(CONFIGURATION));
        zip.write(dl4j.getBytes(StandardCharsets.UTF_8));
        zip.closeEntry();
        // Trained floats hardly deflate, and deflating takes longer than writing them.
        zip.setLevel(Deflater.NO_COMPRESSION);
        zip.putNextEntry(entry(COEFFICIENTS));
        CoefficientsFormat.write(zip, count, parameters);
        zip.closeEntry();
        zip.finish();
        buffered.flush();
    }

    private static ZipEntry entry(String name) {
        ZipEntry entry = new ZipEntry(name);
        entry.setTimeLocal(NO_TIME);
        return entry;
    }

    /**
     * What a model's JSON says, without its parameters.
     *
     * @param path the zip, or a folder that holds a {@code model.zip}
     * @throws InputException when a file is missing, unfinished or not a model of Starling's
     */
    public static ModelDescription describe(Path path, Configuration configuration) {
        return open(path, configuration).json().description();
    }

    /**
     * What tells a model from another, wherever it lies: the checksums of its two files.
     *
     * @param path the zip, or a folder that holds a {@code model.zip}
     * @throws InputException as {@link #describe}
     */
    public static String identity(Path path, Configuration configuration) {
        Opened opened = open(path, configuration);
        CRC32C checksum = new CRC32C();
        try {
            checksum.update(opened.json().toBytes(opened.model()));
        } catch (IOException e) {
            throw new IllegalStateException("it has just been read", e);
        }
        return "CRC32C %08x and %08x".formatted(opened.json().crc32c(), checksum.getValue());
    }

    /**
     * Reads a model.
     *
     * @param path the zip, or a folder that holds a {@code model.zip}
     * @throws InputException when a file is missing, unfinished, damaged or not a model of Starling's
     */
    public static SavedModel read(Path path, Configuration configuration) {
        Opened opened = open(path, configuration);
        SequentialModel model = opened.model();
        INDArray parameters = Nd4j.createUninitializedDetached(DataType.FLOAT, 1, model.parameterCount());
        FloatBuffer target = parameters.data().asNioFloat();
        stream(opened, (chunk, n) -> target.put(chunk, 0, n));
        return new SavedModel(opened.json().description(), model, parameters);
    }

    /**
     * The arrays of a model, which are streamed when they are asked for.
     *
     * @param path as {@link #read} takes it
     * @throws InputException as {@link #read}
     */
    static WeightSource weights(Path path, Configuration configuration) {
        Opened opened = open(path, configuration);
        return new FlatWeights(opened.model(), sink -> stream(opened, sink));
    }

    private static void stream(Opened opened, CoefficientsFormat.Sink parameters) {
        try (InputStream in = opened.fileSystem().open(opened.zip())) {
            readZip(in, opened.json(), parameters);
        } catch (MalformedException e) {
            throw unusable(opened.zip(), e.getMessage());
        } catch (ZipException | EOFException | IllegalArgumentException e) {
            // The last: an entry's name that is no UTF-8.
            throw unusable(opened.zip(), "it is damaged (" + e.getMessage() + ")");
        } catch (IOException e) {
            throw unreadable(opened.zip(), e);
        }
    }

    /** @param file a model, or a file of one */
    static InputException unreadable(Object file, IOException e) {
        return new InputException("%s: the model cannot be read: %s".formatted(file, e.getMessage()), e);
    }

    private static InputException unusable(Path path, String reason) {
        return new InputException(
                "%s: cannot be used as a model: %s. Expected a model that Starling's train job has written, unchanged, with its JSON beside it."
                        .formatted(path, reason));
    }

    /** A model whose JSON has been read and fits the zip's length. */
    private record Opened(FileSystem fileSystem, Path zip, ModelDescriptionJson json, SequentialModel model) {}

    private static Opened open(Path path, Configuration configuration) {
        try {
            FileSystem fileSystem = path.getFileSystem(configuration);
            FileStatus status = locate(fileSystem, path);
            Path zip = status.getPath();
            Path beside = descriptionPath(zip);
            ModelDescriptionJson json;
            SequentialModel model;
            try (InputStream in = fileSystem.open(beside)) {
                json = ModelDescriptionJson.parse(in);
                model = json.description().model(beside.toString());
                json.check(model);
            } catch (FileNotFoundException e) {
                throw unusable(
                        zip,
                        "there is no %s, so it is another program's or was not finished".formatted(beside.getName()));
            } catch (MalformedException e) {
                throw unusable(beside, e.getMessage());
            }
            // Parameters are stored as they are; this also bounds what a forged JSON makes us allocate.
            if (status.getLen() != json.length() || json.length() < 4 * model.parameterCount()) {
                throw unusable(
                        zip,
                        "it has %,d bytes where its JSON says %,d for %,d parameters"
                                .formatted(status.getLen(), json.length(), model.parameterCount()));
            }
            return new Opened(fileSystem, zip, json, model);
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    /**
     * Where a run puts its next model. A run that is resumed after its end has several; none is overwritten, and the newest that is
     * complete is the run's model.
     *
     * @param run the run directory
     */
    public static Path nextInRun(Path run, Configuration configuration) throws IOException {
        FileSystem fileSystem = run.getFileSystem(configuration);
        int number = 1;
        while (isTaken(fileSystem, inRun(run, number))) {
            number++;
        }
        return inRun(run, number);
    }

    private static Path inRun(Path run, int number) {
        return new Path(run, number == 1 ? FIRST_IN_RUN : "model-" + number + ".zip");
    }

    private static boolean isTaken(FileSystem fileSystem, Path zip) throws IOException {
        return fileSystem.exists(zip) || fileSystem.exists(descriptionPath(zip));
    }

    /**
     * The models that a path stands for: itself, or those of the run directories in a folder that is none itself, by their names.
     *
     * @throws IOException when the folder cannot be listed
     */
    public static List<Path> within(Path path, Configuration configuration) throws IOException {
        FileSystem fileSystem = path.getFileSystem(configuration);
        if (!fileSystem.exists(path) || fileSystem.getFileStatus(path).isFile() || isInRun(path, configuration)) {
            return List.of(path);
        }
        List<Path> runs = new ArrayList<>();
        for (FileStatus status : fileSystem.listStatus(path)) {
            if (status.isDirectory() && isInRun(status.getPath(), configuration)) {
                runs.add(status.getPath());
            }
        }
        runs.sort(Comparator.comparing(Path::getName));
        return runs.isEmpty() ? List.of(path) : runs;
    }

    /** Whether a run has written a model that is complete. */
    public static boolean isInRun(Path run, Configuration configuration) throws IOException {
        FileSystem fileSystem = run.getFileSystem(configuration);
        Path newest = newestInRun(fileSystem, run);
        return fileSystem.exists(newest) && fileSystem.exists(descriptionPath(newest));
    }

    /** The zip itself, or the newest complete one of a run directory. */
    static FileStatus locate(FileSystem fileSystem, Path path) throws IOException {
        try {
            FileStatus status = fileSystem.getFileStatus(path);
            return status.isDirectory() ? fileSystem.getFileStatus(newestInRun(fileSystem, path)) : status;
        } catch (FileNotFoundException e) {
            throw new InputException(
                    "%s: there is no such model. Expected a model's zip, or a run directory with a %s."
                            .formatted(path, FIRST_IN_RUN),
                    e);
        }
    }

    private static Path newestInRun(FileSystem fileSystem, Path run) throws IOException {
        Path newest = inRun(run, 1);
        for (int number = 2; isTaken(fileSystem, inRun(run, number)); number++) {
            if (fileSystem.exists(descriptionPath(inRun(run, number)))) {
                newest = inRun(run, number);
            }
        }
        return newest;
    }

    private static void readZip(InputStream in, ModelDescriptionJson json, CoefficientsFormat.Sink parameters)
            throws IOException {
        CheckedInputStream checked = new CheckedInputStream(new BufferedInputStream(in, STREAM_BUFFER), new CRC32C());
        @SuppressWarnings("resource")
        ZipInputStream zip = new ZipInputStream(checked);
        Set<String> found = new HashSet<>();
        for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
            String name = entry.getName();
            if (!found.add(name)) {
                throw new MalformedException("it holds " + PrintableText.excerpt(name, SHOWN_OF_NAME) + " twice");
            }
            switch (name) {
                case CONFIGURATION -> skip(zip);
                case COEFFICIENTS -> CoefficientsFormat.read(zip, json.parameters(), parameters);
                default -> throw new MalformedException("it holds a foreign entry, "
                        + PrintableText.excerpt(name, SHOWN_OF_NAME) + ", which is not opened");
            }
        }
        if (!found.contains(COEFFICIENTS)) {
            throw new MalformedException("it holds no " + COEFFICIENTS);
        }
        checked.skip(Long.MAX_VALUE);
        if (checked.getChecksum().getValue() != json.crc32c()) {
            throw new MalformedException("its checksum is not the one in its JSON");
        }
    }

    /** Reads DL4J's configuration over, and not without end. */
    private static void skip(ZipInputStream zip) throws IOException {
        if (zip.skip(LARGEST_CONFIGURATION) == LARGEST_CONFIGURATION) {
            throw new MalformedException("its " + CONFIGURATION + " is larger than 64 MB");
        }
    }
}
