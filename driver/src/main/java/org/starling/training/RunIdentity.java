package org.starling.training;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.starling.InputException;
import org.starling.checkpoint.Checkpoint;
import org.starling.data.ShardedData;
import org.starling.model.SequentialModel;
import org.starling.model.SlicePlan;
import org.starling.training.TrainingConfiguration.AveragingSettings;
import org.starling.training.TrainingConfiguration.OuterOptimizerName;
import org.starling.training.TrainingConfiguration.Payload;
import org.starling.training.TrainingConfiguration.PostLocalSettings;
import org.starling.training.TrainingConfiguration.Reshard;
import org.starling.training.TrainingConfiguration.Sampling;

/**
 * What makes a run this run: the settings that would change the meaning of its checkpoints if they changed.
 *
 * @param values name to value; model and data by their SHA-256
 */
record RunIdentity(SortedMap<String, String> values) {

    static RunIdentity of(TrainingConfiguration c, SequentialModel model, ShardedData data) {
        SortedMap<String, String> values = new TreeMap<>();
        values.put("model", sha256(model.json() + model.options()));
        values.put("data", data.digest());
        values.put("run.seed", Long.toString(c.run().seed()));
        if (c.run().member() != 1) {
            values.put("run.member", Integer.toString(c.run().member()));
        }
        values.put("training.batch", Integer.toString(c.training().batch()));
        values.put("training.stepsPerRound", Integer.toString(c.training().stepsPerRound()));
        if (c.data().shortSide() != 0) {
            values.put("data.shortSide", Integer.toString(c.data().shortSide()));
        }
        if (c.data().reshard() != Reshard.NEVER) {
            values.put("data.reshard", c.data().reshard().name());
        }
        if (c.data().sampling() != Sampling.ALL) {
            values.put("data.sampling", c.data().sampling().name());
        }
        AveragingSettings averaging = c.training().averaging();
        PostLocalSettings postLocal = averaging.postLocal();
        // Named only where it is used, so that checkpoints from before it was known go on.
        if (postLocal.epochs() > 0) {
            values.put("training.postLocal.epochs", Integer.toString(postLocal.epochs()));
            values.put("training.postLocal.stepsPerRound", Integer.toString(postLocal.stepsPerRound()));
        }
        if (averaging.outer().name() != OuterOptimizerName.NONE) {
            values.put("training.outer.optimizer", averaging.outer().name().name());
        }
        if (averaging.adaptive().on()) {
            values.put("training.adaptive", averaging.adaptive().toString());
        }
        if (averaging.payload() != Payload.FLOAT32) {
            values.put("training.payload", averaging.payload().name());
        }
        if (averaging.emaDecay() > 0) {
            values.put("training.ema.decay", Double.toString(averaging.emaDecay()));
        }
        values.put("training.optimizer.name", c.training().optimizer().name().name());
        values.put("training.optimizer.state", c.training().optimizer().state().name());
        return new RunIdentity(values);
    }

    /**
     * @param parameters of the model
     * @return the other settings that changed, as {@code key: old -> new}
     * @throws InputException when something of the identity changed
     */
    List<String> requireSame(Checkpoint checkpoint, long parameters, SortedMap<String, String> settings) {
        int sliceLength = SlicePlan.of(checkpoint.parameters()).sliceLength();
        if (checkpoint.sliceLength() != sliceLength) {
            throw new InputException(
                    ("The checkpoint's vectors are cut into slices of %,d elements, and this version of Starling cuts them"
                                    + " into slices of %,d. Go on with the version that wrote it (%s), or start a new run in another directory with"
                                    + " run.directory=....")
                            .formatted(checkpoint.sliceLength(), sliceLength, checkpoint.starlingVersion()));
        }
        SortedMap<String, String> before = new TreeMap<>(checkpoint.identity());
        // Version 1 had them here; with others a run goes on with a new split of the data.
        before.remove("training.replicas");
        List<String> changed = differences(before, values);
        if (!changed.isEmpty()) {
            throw new InputException("This run cannot go on with other settings than it began with: "
                    + String.join(", ", changed)
                    + ". Put them back, or start a new run in another directory with run.directory=....");
        }
        if (checkpoint.parameters() != parameters) {
            throw new InputException(
                    "The checkpoint has %,d parameters, and the model has %,d. Put the model file back as it was, or start a new run in another directory with run.directory=...."
                            .formatted(checkpoint.parameters(), parameters));
        }
        return differences(checkpoint.settings(), settings);
    }

    private static List<String> differences(Map<String, String> old, Map<String, String> now) {
        TreeSet<String> keys = new TreeSet<>(old.keySet());
        keys.addAll(now.keySet());
        List<String> differences = new ArrayList<>();
        for (String key : keys) {
            String before = old.getOrDefault(key, "(none)");
            String after = now.getOrDefault(key, "(none)");
            if (!before.equals(after)) {
                differences.add(key + ": " + before + " -> " + after);
            }
        }
        return differences;
    }

    private static String sha256(String text) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
