package org.starling.training;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.starling.data.ImageRecord;
import org.starling.data.ShardedImages;
import org.starling.data.ShardedImages.Resharding;
import org.starling.kernels.optimizer.Sgd;
import org.starling.model.ImageShape;
import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration.AveragingSettings;
import org.starling.training.TrainingConfiguration.Kernels;

/**
 * Rounds as training runs them, of one step of plain SGD on images of noise a replica: for benchmarks. Not thread-safe.
 */
public final class AveragingBenchmark {
    /** So small that the loss stays finite over any number of rounds on unnormalized noise. */
    public static final double LEARNING_RATE = 1e-9;

    private final ReplicaStates states;
    private final int batch;
    private final int[] shardSizes;
    private int rounds;

    /**
     * @param model what is trained
     * @param batch images of a step
     * @param replicas partitions
     * @param seed of initial values and images
     */
    public AveragingBenchmark(JavaSparkContext spark, SequentialModel model, int batch, int replicas, long seed) {
        ImageShape shape = model.input();
        int classes = model.classes();
        this.batch = batch;
        List<Integer> numbers = IntStream.range(0, replicas).boxed().toList();
        // Made where they will lie.
        JavaRDD<ImageRecord> images = spark.parallelize(numbers, replicas)
                .flatMap(replica -> IntStream.range(replica * batch, (replica + 1) * batch)
                        .mapToObj(image -> noise(shape, image, image % classes, seed))
                        .iterator());
        this.shardSizes = new int[replicas];
        Arrays.fill(shardSizes, batch);
        this.states = new ReplicaStates(
                spark,
                StepBenchmark.settings(
                        model, Kernels.STARLING, Executors.taskCpus(spark.getConf()), batch, seed, new Sgd(), 0),
                AveragingSettings.PLAIN,
                new ShardedImages(spark, images, shardSizes, shardSizes, Resharding.NEVER)
                        .persist(StorageLevel.MEMORY_AND_DISK()));
    }

    private static ImageRecord noise(ImageShape shape, int image, int label, long seed) {
        byte[] pixels = new byte[shape.length()];
        new SplittableRandom(seed + image).nextBytes(pixels);
        return new ImageRecord(
                "noise " + image,
                label,
                ImageRecord.Encoding.RAW_INTERLEAVED,
                shape.height(),
                shape.width(),
                shape.channels(),
                pixels);
    }

    /** Makes the initial parameters. */
    public void initialize() {
        states.initialize();
    }

    /**
     * One round: every replica gathers the parameters, takes its step, and the results are averaged.
     *
     * @return seconds that the slowest replica spent in its step
     * @throws DivergedException when a replica has left the finite numbers
     */
    public double round() {
        rounds++;
        // Every round is an epoch, as a shard has one batch.
        return states
                .advance(RoundPlan.of(rounds, rounds - 1, 0, 1, batch, shardSizes, step -> LEARNING_RATE))
                .replicas()
                .stream()
                .mapToDouble(ReplicaStatistics::trainSeconds)
                .max()
                .orElseThrow();
    }
}
