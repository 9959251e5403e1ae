package org.starling.evaluation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.memory.MemoryWorkspaceManager;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.InputException;
import org.starling.checkpoint.ModelDescription;
import org.starling.checkpoint.ModelFile;
import org.starling.checkpoint.SavedModel;
import org.starling.data.BadImage;
import org.starling.data.FeatureArrays;
import org.starling.data.ImageRecord;
import org.starling.data.Minibatch;
import org.starling.data.Minibatches;
import org.starling.kernels.ComputeTeam;
import org.starling.layers.StarlingLayers;
import org.starling.model.ImageShape;

/**
 * One network or several whose predictions are averaged (which is another thing than averaging parameters). Each sees the images in its own
 * size and normalization. For one task: not thread-safe, and closed by the thread that used it.
 */
final class Ensemble implements AutoCloseable {
    /** What is said about one image: probabilities, or why there are none. */
    record Outcome(ImageRecord image, float[] probabilities, String error) {}

    private record Member(Inference inference, ModelDescription description, ImageShape shape) {}

    private final List<Member> members = new ArrayList<>();
    private final FeatureArrays arrays = new FeatureArrays();
    private final ComputeTeam team;

    /**
     * @param task whose processors compute, and whose interruption ends the predictions
     * @throws InputException when a model cannot be used
     */
    Ensemble(List<String> models, Configuration configuration, TaskContext task) {
        team = ComputeTeam.forTask(task.cpus());
        team.stopWhen(task::isInterrupted);
        for (String model : models) {
            SavedModel saved = SavedModel.shared(new Path(model), configuration);
            MultiLayerNetwork network = saved.network();
            StarlingLayers.install(network, team);
            ImageShape shape = saved.model().input();
            members.add(new Member(new Inference(network, shape), saved.description(), shape));
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

    /** Outcomes of the images in their order, computed in batches. */
    Iterator<Outcome> predict(Iterator<ImageRecord> images, int batch) {
        return new Iterator<>() {
            private Iterator<Outcome> ready = List.<Outcome>of().iterator();

            @Override
            public boolean hasNext() {
                return ready.hasNext() || images.hasNext();
            }

            @Override
            public Outcome next() {
                if (!ready.hasNext()) {
                    List<ImageRecord> chunk = new ArrayList<>();
                    while (chunk.size() < batch && images.hasNext()) {
                        chunk.add(images.next());
                    }
                    ready = predict(chunk).iterator();
                }
                return ready.next();
            }
        };
    }

    private List<Outcome> predict(List<ImageRecord> images) {
        team.checkCancelled();
        List<Outcome> outcomes = predict(members.get(0), images);
        for (Member member : members.subList(1, members.size())) {
            List<Outcome> others = predict(member, images);
            for (int i = 0; i < outcomes.size(); i++) {
                add(outcomes.get(i).probabilities(), others.get(i).probabilities());
            }
        }
        if (members.size() > 1) {
            outcomes.forEach(outcome -> divide(outcome.probabilities(), members.size()));
        }
        return outcomes;
    }

    /** Bad images are the same for every member: whether an image can be decoded does not depend on the size it is brought to. */
    private List<Outcome> predict(Member member, List<ImageRecord> images) {
        List<BadImage> bad = new ArrayList<>();
        Iterator<Minibatch> batches = Minibatches.inOrder(
                images.iterator(),
                member.shape(),
                member.description().preprocessing(),
                images.size(),
                arrays,
                bad::add);
        List<Outcome> good = batches.hasNext() ? outcomes(member, batches.next()) : List.of();
        Iterator<Outcome> decoded = good.iterator();
        Outcome next = decoded.hasNext() ? decoded.next() : null;
        Iterator<BadImage> notDecoded = bad.iterator();
        List<Outcome> outcomes = new ArrayList<>();
        for (ImageRecord image : images) {
            if (next != null && next.image() == image) {
                outcomes.add(next);
                next = decoded.hasNext() ? decoded.next() : null;
            } else {
                outcomes.add(new Outcome(image, null, notDecoded.next().reason()));
            }
        }
        return outcomes;
    }

    private List<Outcome> outcomes(Member member, Minibatch batch) {
        float[] all = member.inference().probabilities(batch);
        arrays.giveBack(batch);
        int classes = member.description().labels().size();
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < batch.size(); i++) {
            float[] own = Arrays.copyOfRange(all, i * classes, (i + 1) * classes);
            outcomes.add(new Outcome(batch.records().get(i), own, null));
        }
        return outcomes;
    }

    private static void add(float[] sum, float[] other) {
        for (int c = 0; sum != null && c < sum.length; c++) {
            sum[c] += other[c];
        }
    }

    private static void divide(float[] sum, int members) {
        for (int c = 0; sum != null && c < sum.length; c++) {
            sum[c] /= members;
        }
    }

    /** Ends its threads, and gives this one's workspaces back; Spark's threads come and go. ND4J's own call for that collects garbage each time. */
    @Override
    public void close() {
        members.forEach(member -> member.inference().close());
        MemoryWorkspaceManager manager = Nd4j.getWorkspaceManager();
        manager.getAllWorkspacesForCurrentThread().forEach(manager::destroyWorkspace);
        team.close();
    }
}
