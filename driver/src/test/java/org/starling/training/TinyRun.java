package org.starling.training;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.starling.LocalSpark;
import org.starling.checkpoint.Checkpoint;
import org.starling.checkpoint.CheckpointStore;
import org.starling.data.ImageRecord;
import org.starling.data.Normalization;
import org.starling.data.Preprocessing;
import org.starling.data.Shard;
import org.starling.data.ShardedImages;
import org.starling.data.ShardedImages.Resharding;
import org.starling.data.augmentation.Augmentation;
import org.starling.kernels.optimizer.Optimizer;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;
import org.starling.model.Slice;
import org.starling.model.SlicePlan;
import org.starling.training.TrainingConfiguration.AveragingSettings;
import org.starling.training.TrainingConfiguration.ClippingSettings;
import org.starling.training.TrainingConfiguration.Kernels;
import org.starling.training.TrainingConfiguration.StateRule;

/** A network of a few thousand parameters on random 8x8 images of three classes. */
final class TinyRun {
    static final long SEED = 42;
    static final int BATCH = 4;
    static final double LEARNING_RATE = 0.05;
    static final Preprocessing PREPROCESSING =
            new Preprocessing(0, new Normalization(new double[] {120}, new double[] {70}));

    private TinyRun() {}

    static JavaSparkContext spark() {
        return LocalSpark.context();
    }

    /** Keras JSON; two dense layers make it longer than one slice. */
    static String modelJson(boolean dropout) {
        String drop = dropout ? "{\"class_name\":\"Dropout\",\"config\":{\"name\":\"drop\",\"rate\":0.5}}," : "";
        return """
                {"class_name":"Sequential","config":{"name":"tiny","layers":[
                 {"class_name":"InputLayer","config":{"name":"in","batch_input_shape":[null,8,8,1],"dtype":"float32"}},
                 {"class_name":"Conv2D","config":{"name":"conv","filters":6,"kernel_size":[3,3],"activation":"relu"}},
                 {"class_name":"MaxPooling2D","config":{"name":"pool","pool_size":[2,2],"strides":[2,2]}},
                 {"class_name":"Flatten","config":{"name":"flat"}},
                 {"class_name":"Dense","config":{"name":"hidden","units":96,"activation":"relu"}},
                 %s
                 {"class_name":"Dense","config":{"name":"out","units":3,"activation":"softmax"}}]}}
                """
                .formatted(drop);
    }

    static ReplicaSettings settings(Optimizer optimizer, StateRule rule, boolean dropout) {
        return new ReplicaSettings(
                modelJson(dropout),
                "tiny.json",
                ModelOptions.DEFAULT,
                Kernels.STARLING,
                1,
                SEED,
                BATCH,
                optimizer,
                rule,
                0.0005,
                new ClippingSettings(0, 0),
                0,
                null,
                PREPROCESSING,
                Augmentation.NONE,
                List.of());
    }

    /** Shards of the given sizes, of images whose brightness tells their class. */
    static List<Shard> shards(int... sizes) {
        Random random = new Random(7);
        List<Shard> shards = new ArrayList<>();
        for (int r = 0; r < sizes.length; r++) {
            List<ImageRecord> records = new ArrayList<>();
            for (int i = 0; i < sizes[r]; i++) {
                byte[] pixels = new byte[64];
                random.nextBytes(pixels);
                int label = i % 3;
                for (int p = 0; p < 64; p++) {
                    pixels[p] = (byte) ((pixels[p] & 0x7F) + 60 * label);
                }
                records.add(new ImageRecord(r + "/" + i, label, ImageRecord.Encoding.RAW_INTERLEAVED, 8, 8, 1, pixels));
            }
            shards.add(Shard.of(r, records));
        }
        return shards;
    }

    static List<ImageRecord> images(Shard shard) {
        List<ImageRecord> images = new ArrayList<>();
        shard.images().forEachRemaining(images::add);
        return images;
    }

    static ShardedImages sharded(List<Shard> shards) {
        List<List<ImageRecord>> blocks = shards.stream().map(TinyRun::images).toList();
        int[] sizes = shards.stream().mapToInt(Shard::size).toArray();
        return new ShardedImages(
                spark(),
                spark().parallelize(blocks, blocks.size()).flatMap(List::iterator),
                sizes,
                sizes,
                Resharding.NEVER);
    }

    static ReplicaStates states(ReplicaSettings settings, List<Shard> shards) {
        return states(settings, AveragingSettings.PLAIN, shards);
    }

    static ReplicaStates states(ReplicaSettings settings, AveragingSettings averaging, List<Shard> shards) {
        return new ReplicaStates(spark(), settings, averaging, sharded(shards).persist(StorageLevel.MEMORY_ONLY()));
    }

    static RoundPlan plan(List<Shard> shards, int round, int epoch, int firstStep, int stepsPerRound) {
        int[] sizes = shards.stream().mapToInt(Shard::size).toArray();
        return RoundPlan.of(round, epoch, firstStep, stepsPerRound, BATCH, sizes, step -> LEARNING_RATE);
    }

    /** Trains whole epochs, round by round. */
    static void trainEpochs(ReplicaStates states, List<Shard> shards, int epochs, int stepsPerRound) {
        int round = 0;
        for (int epoch = 0; epoch < epochs; epoch++) {
            int step = 0;
            int stepsPerEpoch;
            do {
                RoundPlan plan = plan(shards, ++round, epoch, step, stepsPerRound);
                states.advance(plan);
                step += plan.steps();
                stepsPerEpoch = plan.stepsPerEpoch();
            } while (step < stepsPerEpoch);
        }
    }

    /** A fresh replica with the initial parameters of {@code settings}, as every round 1 begins. */
    static Replica initialReplica(ReplicaSettings settings) {
        Replica replica = new Replica(settings);
        replica.clear();
        load(replica, initial(settings));
        return replica;
    }

    static float[] initial(ReplicaSettings settings) {
        SequentialModel model = settings.model();
        float[] values = new float[(int) model.parameterCount()];
        model.initialize(SEED, 0, values);
        return values;
    }

    static void load(Replica replica, float[] values) {
        replica.network().params().data().asNioFloat().put(values);
    }

    static float[] parameters(Replica replica) {
        float[] values = new float[(int) replica.model().parameterCount()];
        replica.network().params().data().asNioFloat().get(values);
        return values;
    }

    /** The averaged parameters, by way of a checkpoint. */
    static float[] parameters(ReplicaStates states, ReplicaSettings settings, Path folder) throws Exception {
        return vector(Slice.PARAMETERS, states, settings, folder);
    }

    /** A vector that all replicas share, by way of a checkpoint. */
    static float[] vector(int vector, ReplicaStates states, ReplicaSettings settings, Path folder) throws Exception {
        long count = settings.model().parameterCount();
        SlicePlan slices = SlicePlan.of(count);
        CheckpointStore store = new CheckpointStore(new org.apache.hadoop.fs.Path(folder.toUri()), new Configuration());
        CheckpointStore.Stored stored = states.write(
                store,
                new Checkpoint(
                        Checkpoint.FORMAT_VERSION,
                        "test",
                        new TreeSet<>(),
                        1,
                        0,
                        0,
                        count,
                        slices.sliceLength(),
                        1,
                        new TreeMap<>(),
                        new TreeMap<>(),
                        new TreeMap<>(),
                        null,
                        List.of()));
        float[] values = new float[(int) count];
        int filled = 0;
        try (CheckpointStore.Parameters parameters = store.vector(stored, vector)) {
            while (parameters.hasNext()) {
                float[] slice = parameters.next();
                System.arraycopy(slice, 0, values, filled, slice.length);
                filled += slice.length;
            }
        }
        if (filled != count) {
            throw new AssertionError("the checkpoint holds " + filled + " of " + count + " parameters");
        }
        return values;
    }

    static double largestMagnitude(float[] values) {
        return Arrays.stream(toDouble(values)).map(Math::abs).max().orElseThrow();
    }

    static double[] toDouble(float[] values) {
        double[] doubles = new double[values.length];
        Arrays.setAll(doubles, i -> values[i]);
        return doubles;
    }
}
