package org.starling.checkpoint;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.starling.InputException;
import org.starling.model.SequentialModel;

/** A trained model in memory, for inference. Safe to use from several threads; the networks it makes are not. */
public final class SavedModel {
    /** An ensemble of seven, the largest in use, and one to compare it with. */
    private static final int SHARED = 8;

    /** Parameters that are written at a time. */
    private static final int CHUNK = 1 << 20;

    private static final Map<Key, SavedModel> CACHE = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, SavedModel> eldest) {
            return size() > SHARED;
        }
    };

    private record Key(Path path, long length, long modified, ForeignModelOptions foreign) {}

    private final ModelDescription description;
    private final SequentialModel model;
    private final INDArray parameters;

    SavedModel(ModelDescription description, SequentialModel model, INDArray parameters) {
        this.description = description;
        this.model = model;
        this.parameters = parameters;
    }

    /** As {@link #shared(Path, ForeignModelOptions, Configuration)}, of a model that says all itself. */
    public static SavedModel shared(Path path, Configuration configuration) {
        return shared(path, ForeignModelOptions.NONE, configuration);
    }

    /**
     * The model of a file, read once in this JVM as long as the file keeps its length and time. Tasks call this: an executor reads a model
     * itself, from where it lies, and all its tasks share the parameters.
     *
     * @param foreign what is known of another program's model
     * @throws InputException as {@link ModelFile#read}
     */
    public static SavedModel shared(Path path, ForeignModelOptions foreign, Configuration configuration) {
        Key key;
        try {
            FileSystem fileSystem = path.getFileSystem(configuration);
            FileStatus status = ModelFile.locate(fileSystem, path);
            key = new Key(status.getPath(), status.getLen(), status.getModificationTime(), foreign);
        } catch (IOException e) {
            throw ModelFile.unreadable(path, e);
        }
        synchronized (CACHE) {
            SavedModel model = CACHE.get(key);
            if (model == null) {
                model = ForeignModel.isForeign(key.path(), configuration)
                        ? ForeignModel.read(key.path(), foreign, configuration)
                        : ModelFile.read(key.path(), configuration);
                CACHE.put(key, model);
            }
            return model;
        }
    }

    /**
     * Writes the model again.
     *
     * @throws InputException as {@link ModelFile#write}
     * @throws IOException when a file cannot be written
     */
    public void write(Path zip, Configuration configuration) throws IOException {
        FloatBuffer all = parameters();
        ModelFile.write(zip, configuration, description, new Iterator<>() {
            @Override
            public boolean hasNext() {
                return all.hasRemaining();
            }

            @Override
            public float[] next() {
                float[] chunk = new float[Math.min(CHUNK, all.remaining())];
                all.get(chunk);
                return chunk;
            }
        });
    }

    public ModelDescription description() {
        return description;
    }

    public SequentialModel model() {
        return model;
    }

    /** The flat vector, in the order of {@link SequentialModel#parameters}: not to be written to. */
    public FloatBuffer parameters() {
        return this.parameters.data().asNioFloat().slice();
    }

    /** A network of one's own on the shared parameters: never train it. */
    public MultiLayerNetwork network() {
        MultiLayerNetwork network = new MultiLayerNetwork(model.toDl4j(description.seed()));
        network.init(parameters, false);
        return network;
    }

    /**
     * A network of one's own, on the shared parameters, that puts out a layer's activations: never train it.
     *
     * @throws InputException as {@link SequentialModel#layer}
     */
    public MultiLayerNetwork network(String layer) {
        MultiLayerNetwork network = new MultiLayerNetwork(model.toDl4j(description.seed(), layer));
        long count = model.parameterCount(layer);
        network.init(count == 0 ? null : parameters.get(NDArrayIndex.all(), NDArrayIndex.interval(0, count)), false);
        return network;
    }
}
