package org.starling.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskContext$;
import org.bytedeco.javacpp.Pointer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.starling.InputException;
import org.starling.checkpoint.ForeignModel;
import org.starling.checkpoint.ModelDescription;
import org.starling.checkpoint.ModelFile;
import org.starling.checkpoint.SavedModel;
import org.starling.data.Decoders;
import org.starling.data.ImageRecord;
import org.starling.data.Minibatch;
import org.starling.data.Minibatches;
import org.starling.data.PrefetchingIterator;
import org.starling.data.Preprocessing;
import org.starling.data.augmentation.Views;
import org.starling.layers.NetworkInput;
import org.starling.layers.StarlingLayers;
import org.starling.model.ImageShape;
import org.starling.model.SequentialModel;

/**
 * The networks of a {@link Classifier}. Each sees the images in its own size and normalization; those that see them alike share what is decoded. Another
 * thread reads files ahead. For one task: not thread-safe, and closed by the thread that used it.
 */
final class Ensemble implements AutoCloseable {
    /** Chunks of images whose files are read while one is computed. */
    private static final int CHUNKS_AHEAD = 1;

    /**
     * What is said about one image: what the networks put out, or why there is nothing.
     *
     * @param outputs {@code [network][class]}, or a layer's activations for the classes; over the image's views averaged. Null for a bad image
     * @param error null for a good one
     */
    record Outcome(ImageRecord image, float[][] outputs, String error) {}

    /** What a network is given. */
    private record Input(ImageShape shape, Preprocessing preprocessing) {}

    /** @param input number of its {@link Input} */
    private record Member(SavedModel model, int input) {}

    /**
     * Images that are computed together.
     *
     * @param errors why images could not be decoded
     * @param minibatches of the others, one for each {@link Input}
     */
    private record Chunk(List<ImageRecord> images, Map<ImageRecord, String> errors, List<Minibatch> minibatches) {}

    private final Views views;
    private final Optional<String> layer;
    private final TaskContext task;
    private final InferenceThread.Member thread;
    private final List<Member> members = new ArrayList<>();
    private final List<Input> inputs = new ArrayList<>();
    private PrefetchingIterator<List<ImageRecord>> chunks;

    /**
     * @param task whose processors compute, and whose interruption ends the predictions
     * @throws InputException when a model cannot be used
     */
    Ensemble(Classifier classifier, Configuration configuration, TaskContext task) {
        this(classifier, Optional.empty(), configuration, task);
    }

    /** @param layer up to which the networks compute; empty for all of them */
    Ensemble(Classifier classifier, Optional<String> layer, Configuration configuration, TaskContext task) {
        this.views = classifier.views();
        this.layer = layer;
        this.task = task;
        for (String model : classifier.models()) {
            SavedModel saved = SavedModel.shared(new Path(model), classifier.foreign(), configuration);
            Input input = new Input(saved.model().input(), saved.description().preprocessing());
            if (!inputs.contains(input)) {
                inputs.add(input);
            }
            members.add(new Member(saved, inputs.indexOf(input)));
        }
        // Last: from now on it is to be closed.
        thread = InferenceThread.join(task);
    }

    /**
     * Class names of the models, read without their parameters.
     *
     * @throws InputException when a model cannot be used, or they do not have the same classes in the same order
     */
    static List<String> labels(Classifier classifier, Configuration configuration) {
        List<String> models = classifier.models();
        List<String> labels = describe(models.get(0), classifier, configuration).labels();
        for (String model : models.subList(1, models.size())) {
            List<String> other = describe(model, classifier, configuration).labels();
            if (!other.equals(labels)) {
                throw new InputException(
                        "%s and %s do not have the same classes in the same order, so their predictions cannot be averaged (%s)."
                                .formatted(models.get(0), model, ClassNames.difference(labels, other)));
            }
        }
        return labels;
    }

    /** What tells a model from another, wherever it lies. */
    static String identity(String model, Classifier classifier, Configuration configuration) {
        Path path = new Path(model);
        return ForeignModel.isForeign(path, configuration)
                ? ForeignModel.identity(path, classifier.foreign(), configuration)
                : ModelFile.identity(path, configuration);
    }

    static ModelDescription describe(String model, Classifier classifier, Configuration configuration) {
        Path path = new Path(model);
        return ForeignModel.isForeign(path, configuration)
                ? ForeignModel.describe(path, classifier.foreign(), configuration)
                : ModelFile.describe(path, configuration);
    }

    /**
     * Outcomes of the images in their order, computed in batches. To be called once.
     *
     * @param images read by another thread from now on
     * @param batch pictures that a network computes at once
     * @throws InputException when this JVM cannot hold a network's arrays
     */
    Iterator<Outcome> predict(Iterator<ImageRecord> images, int batch) {
        int chunk = Math.max(1, batch / views.count());
        members.forEach(member -> requireMemory(member.model().model(), chunk * views.count()));
        chunks = new PrefetchingIterator<>(
                new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        // What Spark reads for a task it accounts to the thread's.
                        TaskContext$.MODULE$.setTaskContext(task);
                        return images.hasNext();
                    }

                    @Override
                    public List<ImageRecord> next() {
                        List<ImageRecord> some = new ArrayList<>();
                        while (some.size() < chunk && images.hasNext()) {
                            some.add(images.next());
                        }
                        return some;
                    }
                },
                CHUNKS_AHEAD);
        return new Iterator<>() {
            private Iterator<Outcome> ready = List.<Outcome>of().iterator();

            @Override
            public boolean hasNext() {
                return ready.hasNext() || chunks.hasNext();
            }

            @Override
            public Outcome next() {
                if (!ready.hasNext()) {
                    ready = compute(decode(chunks.next())).iterator();
                }
                return ready.next();
            }
        };
    }

    /** A few bytes of JSON make a layer of gigabytes. */
    private static void requireMemory(SequentialModel model, int pictures) {
        long needed = model.inferenceBytes(pictures);
        long heap = Runtime.getRuntime().maxMemory();
        long offHeap = Pointer.maxBytes();
        // 0 is no limit.
        if (offHeap > 0 && needed - heap > offHeap) {
            throw new InputException(
                    "%s: the network needs at least %,d MB to compute %,d pictures at once, and this JVM has %,d MB. Take a smaller --batch, or give it more memory (spark.driver.memory in local mode, spark.executor.memory on a cluster)."
                            .formatted(model.source(), needed >> 20, pictures, (heap + offHeap) >> 20));
        }
    }

    /** On the threads that compute, between two minibatches: others beside them would only take their processors away. */
    private Chunk decode(List<ImageRecord> images) {
        return thread.compute(team -> decode(images, new Decoders(team, thread.arrays())));
    }

    private Chunk decode(List<ImageRecord> images, Decoders decoders) {
        Map<ImageRecord, String> errors = new IdentityHashMap<>();
        List<Minibatch> minibatches = new ArrayList<>();
        for (Input input : inputs) {
            // Whether an image can be decoded does not depend on the size it is brought to.
            Iterator<Minibatch> all = Minibatches.inOrder(
                    images.stream().filter(image -> !errors.containsKey(image)).iterator(),
                    input.shape(),
                    input.preprocessing(),
                    views,
                    images.size(),
                    decoders,
                    (image, bad) -> errors.put(image, bad.reason()));
            if (all.hasNext()) {
                minibatches.add(all.next());
            }
        }
        return new Chunk(images, errors, minibatches);
    }

    private List<Outcome> compute(Chunk chunk) {
        int good = chunk.images().size() - chunk.errors().size();
        float[][][] outputs = new float[good][members.size()][];
        for (int m = 0; good > 0 && m < members.size(); m++) {
            Member member = members.get(m);
            float[] all = output(member, chunk.minibatches().get(member.input()));
            int length = all.length / (good * views.count());
            for (int i = 0; i < good; i++) {
                outputs[i][m] = meanOfViews(all, i, length);
            }
        }
        chunk.minibatches().forEach(thread.arrays()::giveBack);
        List<Outcome> outcomes = new ArrayList<>();
        int next = 0;
        for (ImageRecord image : chunk.images()) {
            String error = chunk.errors().get(image);
            outcomes.add(new Outcome(image, error == null ? outputs[next++] : null, error));
        }
        return outcomes;
    }

    private float[] output(Member member, Minibatch batch) {
        return thread.compute(
                List.of(member.model(), layer),
                team -> {
                    MultiLayerNetwork network =
                            layer.map(member.model()::network).orElseGet(member.model()::network);
                    NetworkInput input = StarlingLayers.install(network, team);
                    return new Inference(network, member.model().model().input(), input);
                },
                inference -> inference.output(batch));
    }

    /** @param all {@code [image][view][length]} */
    private float[] meanOfViews(float[] all, int image, int length) {
        if (views.count() == 1) {
            return Arrays.copyOfRange(all, image * length, (image + 1) * length);
        }
        double[] sums = new double[length];
        for (int view = 0; view < views.count(); view++) {
            int from = (image * views.count() + view) * length;
            for (int i = 0; i < length; i++) {
                sums[i] += all[from + i];
            }
        }
        float[] mean = new float[length];
        IntStream.range(0, length).forEach(i -> mean[i] = (float) (sums[i] / views.count()));
        return mean;
    }

    /** Ends its threads. */
    @Override
    public void close() {
        if (chunks != null) {
            chunks.close();
        }
        thread.close();
    }
}
