package org.starling.evaluation;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskContext$;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.memory.MemoryWorkspaceManager;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.InputException;
import org.starling.checkpoint.ModelFile;
import org.starling.checkpoint.SavedModel;
import org.starling.data.FeatureArrays;
import org.starling.data.ImageRecord;
import org.starling.data.Minibatch;
import org.starling.data.Minibatches;
import org.starling.data.PrefetchingIterator;
import org.starling.data.Preprocessing;
import org.starling.data.augmentation.Views;
import org.starling.kernels.ComputeTeam;
import org.starling.layers.StarlingLayers;
import org.starling.model.ImageShape;

/**
 * The networks of a {@link Classifier}. Each sees the images in its own size and normalization; those that see them alike share what is decoded, which
 * another thread does ahead. For one task: not thread-safe, and closed by the thread that used it.
 */
final class Ensemble implements AutoCloseable {
    /** Chunks of images that are decoded while one is computed. */
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
    private record Member(Inference inference, int input) {}

    /**
     * Images that are computed together.
     *
     * @param errors why images could not be decoded
     * @param minibatches of the others, one for each {@link Input}
     */
    private record Chunk(List<ImageRecord> images, Map<ImageRecord, String> errors, List<Minibatch> minibatches) {}

    private final Views views;
    private final TaskContext task;
    private final List<Member> members = new ArrayList<>();
    private final List<Input> inputs = new ArrayList<>();
    private final FeatureArrays arrays = new FeatureArrays();
    private final ComputeTeam team;
    private PrefetchingIterator<Chunk> chunks;

    /**
     * @param task whose processors compute, and whose interruption ends the predictions
     * @throws InputException when a model cannot be used
     */
    Ensemble(Classifier classifier, Configuration configuration, TaskContext task) {
        this(classifier, SavedModel::network, configuration, task);
    }

    /** @param part of a model that computes, a network of one's own: all of it, or up to a layer */
    Ensemble(
            Classifier classifier,
            Function<SavedModel, MultiLayerNetwork> part,
            Configuration configuration,
            TaskContext task) {
        this.views = classifier.views();
        this.task = task;
        team = ComputeTeam.forTask(task.cpus());
        team.stopWhen(task::isInterrupted);
        for (String model : classifier.models()) {
            SavedModel saved = SavedModel.shared(new Path(model), configuration);
            MultiLayerNetwork network = part.apply(saved);
            StarlingLayers.install(network, team);
            Input input = new Input(saved.model().input(), saved.description().preprocessing());
            if (!inputs.contains(input)) {
                inputs.add(input);
            }
            members.add(new Member(new Inference(network, input.shape()), inputs.indexOf(input)));
        }
    }

    /**
     * Class names of the models at these paths, read without their parameters.
     *
     * @throws InputException when a model cannot be used, or they do not have the same classes in the same order
     */
    static List<String> labels(List<String> models, Configuration configuration) {
        List<String> labels =
                ModelFile.describe(new Path(models.get(0)), configuration).labels();
        for (String model : models) {
            List<String> other =
                    ModelFile.describe(new Path(model), configuration).labels();
            if (!other.equals(labels)) {
                throw new InputException(
                        "%s and %s do not have the same classes in the same order, so their predictions cannot be averaged (%s)."
                                .formatted(models.get(0), model, ClassNames.difference(labels, other)));
            }
        }
        return labels;
    }

    /**
     * Outcomes of the images in their order, computed in batches. To be called once.
     *
     * @param images read by another thread from now on
     * @param batch pictures that a network computes at once
     */
    Iterator<Outcome> predict(Iterator<ImageRecord> images, int batch) {
        int chunk = Math.max(1, batch / views.count());
        chunks = new PrefetchingIterator<>(
                new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        // What Spark reads for a task it accounts to the thread's.
                        TaskContext$.MODULE$.setTaskContext(task);
                        return images.hasNext();
                    }

                    @Override
                    public Chunk next() {
                        List<ImageRecord> some = new ArrayList<>();
                        while (some.size() < chunk && images.hasNext()) {
                            some.add(images.next());
                        }
                        return decode(some);
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
                    ready = compute(chunks.next()).iterator();
                }
                return ready.next();
            }
        };
    }

    private Chunk decode(List<ImageRecord> images) {
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
                    arrays,
                    (image, bad) -> errors.put(image, bad.reason()));
            if (all.hasNext()) {
                minibatches.add(all.next());
            }
        }
        return new Chunk(images, errors, minibatches);
    }

    private List<Outcome> compute(Chunk chunk) {
        team.checkCancelled();
        int good = chunk.images().size() - chunk.errors().size();
        float[][][] outputs = new float[good][members.size()][];
        for (int m = 0; good > 0 && m < members.size(); m++) {
            Member member = members.get(m);
            float[] all = member.inference().output(chunk.minibatches().get(member.input()));
            int length = all.length / (good * views.count());
            for (int i = 0; i < good; i++) {
                outputs[i][m] = meanOfViews(all, i, length);
            }
        }
        chunk.minibatches().forEach(arrays::giveBack);
        List<Outcome> outcomes = new ArrayList<>();
        int next = 0;
        for (ImageRecord image : chunk.images()) {
            String error = chunk.errors().get(image);
            outcomes.add(new Outcome(image, error == null ? outputs[next++] : null, error));
        }
        return outcomes;
    }

    /** @param all {@code [image][view][length]} */
    private float[] meanOfViews(float[] all, int image, int length) {
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

    /** Ends its threads, and gives this one's workspaces back; Spark's threads come and go. ND4J's own call for that collects garbage each time. */
    @Override
    public void close() {
        if (chunks != null) {
            chunks.close();
        }
        members.forEach(member -> member.inference().close());
        MemoryWorkspaceManager manager = Nd4j.getWorkspaceManager();
        manager.getAllWorkspacesForCurrentThread().forEach(manager::destroyWorkspace);
        team.close();
    }
}
