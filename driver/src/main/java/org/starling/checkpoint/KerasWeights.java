package org.starling.checkpoint;

import io.jhdf.HdfFile;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.model.KernelLayout;
import org.starling.model.LayerSummary;
import org.starling.model.ParameterTensor;
import org.starling.model.SequentialModel;

/**
 * The weights in an HDF5 file of Keras's: one of {@code model.save_weights("name.h5")} or {@code model.save("name.h5")}, which has a group a layer
 * by the layer's name, or Keras 3's {@code name.weights.h5}, whose groups are numbered by the layers' classes.
 *
 * <p>The file is read whole into memory, so that no size that it declares is larger than itself. Of its numbers only those are read whose shape is
 * known to be a network's; links are not followed.
 */
final class KerasWeights implements WeightSource {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
    private static final String MODEL_WEIGHTS = "model_weights";
    private static final String CONFIGURATION = "model_config";

    /** Where Keras 3, and Keras 2's first form of its files, keep layers. */
    private static final List<String> NUMBERED = List.of("layers", "_layer_checkpoint_dependencies");

    /** A layer's variables in Keras's order. */
    private static final List<String> VARIABLES =
            List.of("kernel", "bias", "gamma", "beta", "moving_mean", "moving_variance");

    /** LAYER/MODEL/LAYER/kernel:0 is the deepest that Keras writes. */
    private static final int DEEPEST = 6;

    private static final int MOST_ARRAYS = 1 << 16;

    private final Path path;
    private final HdfFile file;
    private final Set<String> wanted = new HashSet<>();
    private final List<Array> arrays = new ArrayList<>();
    /** Layers and names of the arrays. */
    private final Set<List<String>> named = new HashSet<>();

    private final List<Dataset> datasets = new ArrayList<>();

    private KerasWeights(Path path, HdfFile file) {
        this.path = path;
        this.file = file;
    }

    /** Whether a file begins as HDF5 does. */
    static boolean isHdf5(Path path, Configuration configuration) throws IOException {
        try (InputStream in = path.getFileSystem(configuration).open(path)) {
            return Arrays.equals(in.readNBytes(SIGNATURE.length), SIGNATURE);
        }
    }

    /**
     * @param network whose arrays are to be read, and whose layers give those of a Keras 3 file their names
     * @throws InputException when the file cannot be read or is not one of Keras's
     */
    static KerasWeights open(Path path, SequentialModel network, Configuration configuration) {
        KerasWeights weights = new KerasWeights(path, hdf5(path, configuration));
        network.parameters().forEach(tensor -> weights.wanted.add(tensor.layer()));
        weights.guarded(() -> {
            weights.list(network);
            return null;
        });
        return weights;
    }

    /**
     * The network's description, which {@code model.save} stores beside the weights.
     *
     * @return Keras JSON
     */
    static Optional<String> architecture(Path path, Configuration configuration) {
        KerasWeights weights = new KerasWeights(path, hdf5(path, configuration));
        return weights.guarded(() -> {
            Attribute attribute = weights.file.getAttribute(CONFIGURATION);
            return attribute != null && attribute.isScalar() && attribute.getData() instanceof String json
                    ? Optional.of(json)
                    : Optional.empty();
        });
    }

    private static HdfFile hdf5(Path path, Configuration configuration) {
        byte[] bytes;
        try {
            FileSystem fileSystem = path.getFileSystem(configuration);
            long length = fileSystem.getFileStatus(path).getLen();
            if (length > Integer.MAX_VALUE - 8) {
                throw new InputException(
                        "%s: it has %,d bytes, and an HDF5 file may have 2 GB. Write it with model.save_weights, without the optimizer's state."
                                .formatted(path, length));
            }
            try (InputStream in = fileSystem.open(path)) {
                bytes = in.readNBytes((int) length);
            }
        } catch (FileNotFoundException e) {
            throw new InputException("%s: there is no such file. Expected Keras weights.".formatted(path), e);
        } catch (IOException e) {
            throw new InputException("%s: the weights cannot be read: %s".formatted(path, e.getMessage()), e);
        }
        try {
            return HdfFile.fromByteBuffer(ByteBuffer.wrap(bytes));
        } catch (RuntimeException | StackOverflowError e) {
            throw damaged(path, e);
        } catch (NoClassDefFoundError e) {
            throw new InputException(
                    "%s: HDF5 files are read by the library io.jhdf:jhdf, which is not among this program's. Add it."
                            .formatted(path),
                    e);
        }
    }

    /** What the library throws at a file that is not as it should be, and it is not said what, is the file's fault. */
    private <T> T guarded(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (InputException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            throw damaged(path, e);
        }
    }

    private static InputException damaged(Path path, Throwable e) {
        return new InputException(
                "%s: the HDF5 file is damaged or of a kind that is not known (%s). Expected what model.save_weights of Keras writes."
                        .formatted(path, e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()),
                e);
    }

    private InputException unusable(String what) {
        return new InputException(
                "%s: %s. Expected what model.save_weights of a Keras Sequential model writes.".formatted(path, what));
    }

    private void list(SequentialModel network) {
        for (String name : NUMBERED) {
            Optional<Group> numbered = group(file, name);
            if (numbered.isPresent()) {
                listNumbered(numbered.get(), network);
                return;
            }
        }
        Group layers = group(file, MODEL_WEIGHTS).orElse(file);
        for (Node layer : layers.getChildren().values()) {
            if (!layer.isLink() && layer instanceof Group group) {
                collect(layer.getName(), group, 0);
            }
        }
    }

    private static Optional<Group> group(Group parent, String name) {
        Node child = parent.getChild(name);
        return child != null && !child.isLink() && child instanceof Group group ? Optional.of(group) : Optional.empty();
    }

    private void collect(String layer, Group group, int depth) {
        if (depth > DEEPEST) {
            throw unusable("the layer \"%s\" has groups within groups without end".formatted(layer));
        }
        for (Node child : group.getChildren().values()) {
            if (!child.isLink() && child instanceof Dataset dataset) {
                // Keras 2 ends the name of a variable with TensorFlow's number of an output.
                add(layer, child.getName().replaceFirst(":0$", ""), dataset);
            } else if (!child.isLink() && child instanceof Group inner) {
                collect(layer, inner, depth + 1);
            }
        }
    }

    /** Keras 3 calls a layer by its class, with a number where there are several. */
    private void listNumbered(Group layers, SequentialModel network) {
        Map<String, Integer> seen = new HashMap<>();
        for (LayerSummary layer : network.layers()) {
            String type = snakeCase(layer.type());
            int number = seen.merge(type, 1, Integer::sum) - 1;
            Optional<Group> variables =
                    group(layers, number == 0 ? type : type + "_" + number).flatMap(group -> group(group, "vars"));
            if (variables.isEmpty()) {
                continue;
            }
            List<String> names = network.parameters().stream()
                    .filter(tensor -> tensor.layer().equals(layer.name()))
                    .map(ParameterTensor::name)
                    .sorted(Comparator.comparing(VARIABLES::indexOf))
                    .toList();
            for (Node child : variables.get().getChildren().values()) {
                if (!child.isLink() && child instanceof Dataset dataset) {
                    boolean known =
                            child.getName().matches("[0-9]{1,3}") && Integer.parseInt(child.getName()) < names.size();
                    add(
                            layer.name(),
                            known ? names.get(Integer.parseInt(child.getName())) : "variable " + child.getName(),
                            dataset);
                }
            }
        }
    }

    /** As Keras does it: BatchNormalization is batch_normalization, Conv2D is conv2d, ReLU is re_lu. */
    private static String snakeCase(String type) {
        return type.replaceAll("(.)([A-Z][a-z]+)", "$1_$2")
                .replaceAll("([a-z])([A-Z])", "$1_$2")
                .toLowerCase(Locale.ROOT);
    }

    private void add(String layer, String name, Dataset dataset) {
        if (arrays.size() == MOST_ARRAYS) {
            throw unusable("it has more than %,d arrays".formatted(MOST_ARRAYS));
        }
        List<Integer> shape = Arrays.stream(dataset.getDimensions()).boxed().collect(Collectors.toList());
        if (!named.add(List.of(layer, name))) {
            throw unusable("the layer \"%s\" has two arrays named \"%s\"".formatted(layer, name));
        }
        arrays.add(new Array(layer, name, shape));
        datasets.add(dataset);
    }

    @Override
    public List<Array> arrays() {
        return List.copyOf(arrays);
    }

    /** {@inheritDoc} Arrays whose layers the network does not have are passed over. */
    @Override
    public void read(Sink sink) {
        for (int i = 0; i < arrays.size(); i++) {
            if (wanted.contains(arrays.get(i).layer())) {
                float[] values = inOrder(i);
                sink.accept(i, 0, values, values.length);
            }
        }
    }

    private float[] inOrder(int number) {
        Array array = arrays.get(number);
        KernelLayout layout = new KernelLayout(array.shape());
        float[] keras = guarded(() -> floats(array, datasets.get(number).getDataFlat()));
        if (keras.length != layout.length()) {
            throw unusable("the %s of layer \"%s\" has other values than its shape %s says"
                    .formatted(array.name(), array.layer(), array.shape()));
        }
        float[] values = new float[keras.length];
        for (int i = 0; i < keras.length; i++) {
            values[(int) layout.position(i)] = keras[i];
        }
        return values;
    }

    private float[] floats(Array array, Object data) {
        if (data instanceof float[] floats) {
            return floats;
        }
        if (data instanceof double[] doubles) {
            float[] floats = new float[doubles.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) doubles[i];
            }
            return floats;
        }
        throw unusable(
                "the %s of layer \"%s\" is not of 32-bit or 64-bit floats".formatted(array.name(), array.layer()));
    }
}
