package org.starling.checkpoint;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import java.util.zip.CheckedInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.InputException;
import org.starling.model.SequentialModel;

/** A trained model that another program wrote: a zip of plain DL4J's, or Keras weights in HDF5. */
public final class ForeignModel {
    private ForeignModel() {}

    /** Whether a path is a file without Starling's JSON beside it. */
    public static boolean isForeign(Path path, Configuration configuration) {
        try {
            FileSystem fileSystem = path.getFileSystem(configuration);
            return fileSystem.exists(path)
                    && fileSystem.getFileStatus(path).isFile()
                    && (KerasWeights.isHdf5(path, configuration) || !ModelFile.hasDescription(path, configuration));
        } catch (IOException e) {
            throw ModelFile.unreadable(path, e);
        }
    }

    /**
     * What the file and the options say of a model, without its parameters.
     *
     * @throws InputException when the file cannot be used, or they do not say enough or contradict each other
     */
    public static ModelDescription describe(Path file, ForeignModelOptions options, Configuration configuration) {
        return describe(file, network(file, options, configuration), options);
    }

    /**
     * What tells a model from another: the file's checksum, and the options.
     *
     * @throws InputException when the file cannot be read
     */
    public static String identity(Path file, ForeignModelOptions options, Configuration configuration) {
        try (CheckedInputStream in =
                new CheckedInputStream(file.getFileSystem(configuration).open(file), new CRC32C())) {
            in.transferTo(OutputStream.nullOutputStream());
            return "CRC32C %08x, read with %s".formatted(in.getChecksum().getValue(), options);
        } catch (IOException e) {
            throw ModelFile.unreadable(file, e);
        }
    }

    /**
     * Reads a model.
     *
     * @throws InputException as {@link #describe}, and when a layer has no parameters there
     */
    static SavedModel read(Path file, ForeignModelOptions options, Configuration configuration) {
        SequentialModel model = network(file, options, configuration);
        ModelDescription description = describe(file, model, options);
        WeightSource source = WeightFile.at(file, configuration).open(model, configuration);
        WeightMatch match = new WeightMatch(model, source, file.toString(), false);
        if (!match.initialized().isEmpty()) {
            throw new InputException("%s: it has no parameters for %s of %s. Expected those of all layers."
                    .formatted(file, String.join(", ", match.initialized()), model.source()));
        }
        INDArray parameters = Nd4j.createUninitializedDetached(DataType.FLOAT, 1, model.parameterCount());
        FloatBuffer target = parameters.data().asNioFloat();
        match.read((position, values, length) -> target.position((int) position).put(values, 0, length));
        return new SavedModel(description, model, parameters);
    }

    private static SequentialModel network(Path file, ForeignModelOptions options, Configuration configuration) {
        try {
            if (!KerasWeights.isHdf5(file, configuration)) {
                return Dl4jZip.open(file, options.imageSize(), configuration).model();
            }
        } catch (IOException e) {
            throw ModelFile.unreadable(file, e);
        }
        if (options.architecture() != null) {
            return SequentialModel.read(new Path(options.architecture()), configuration, options.modelOptions());
        }
        String json = KerasWeights.architecture(file, configuration)
                .orElseThrow(() -> new InputException(
                        "%s: these are Keras weights without their network. Give the text of its model.to_json(), as in --architecture model.json."
                                .formatted(file)));
        return SequentialModel.parse(json, file.toString(), options.modelOptions());
    }

    private static ModelDescription describe(Path file, SequentialModel model, ForeignModelOptions options) {
        List<String> labels = options.labels().isEmpty()
                ? IntStream.range(0, model.classes())
                        .mapToObj(Integer::toString)
                        .toList()
                : options.labels();
        try {
            return ModelDescription.of(
                    model,
                    labels,
                    options.preprocessing(model.input().channels()),
                    0,
                    Map.of("readFrom", file.getName()));
        } catch (IllegalArgumentException e) {
            throw new InputException(
                    "%s: with the labels, mean and deviation that were given %s.".formatted(file, e.getMessage()), e);
        }
    }
}
