package org.starling.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;

/**
 * The images of a set, in blocks that are dealt to replicas. Executors read, cache and hold a few blocks at a time, whatever the size of the set.
 */
public final class ShardedImages {
    private final JavaRDD<ImageRecord> blocks;
    private final int[] blockSizes;
    private final int[] sizes;
    private final Resharding resharding;
    private final JavaRDD<Integer> homes;

    /**
     * Whether blocks are dealt anew in each epoch.
     *
     * @param everyEpoch whether
     * @param seed of the order in which they are
     */
    public record Resharding(boolean everyEpoch, long seed) {
        /** Every replica keeps its images. */
        public static final Resharding NEVER = new Resharding(false, 0);
    }

    /**
     * @param blocks a block a partition; the first replica has the first images, and so on
     * @param blockSizes images of each block
     * @param sizes images of each replica, as many as there are in all
     */
    public ShardedImages(
            JavaSparkContext spark, JavaRDD<ImageRecord> blocks, int[] blockSizes, int[] sizes, Resharding resharding) {
        if (Arrays.stream(blockSizes).sum() != Arrays.stream(sizes).sum()) {
            throw new IllegalArgumentException(
                    Arrays.stream(blockSizes).sum() + " images in blocks, " + Arrays.toString(sizes) + " to deal");
        }
        this.blocks = blocks;
        this.blockSizes = blockSizes.clone();
        this.sizes = sizes.clone();
        this.resharding = resharding;
        List<Integer> numbers = IntStream.range(0, sizes.length).boxed().toList();
        this.homes = spark.parallelize(numbers, sizes.length)
                .setName("homes of the replicas")
                .persist(StorageLevel.MEMORY_AND_DISK());
    }

    /** No images. */
    static ShardedImages none(JavaSparkContext spark, int replicas) {
        return new ShardedImages(spark, spark.emptyRDD(), new int[0], new int[replicas], Resharding.NEVER);
    }

    /** Sizes of so many hands of all images, equal to within one. */
    static int[] even(int images, int replicas) {
        return IntStream.range(0, replicas)
                .map(replica -> images / replicas + (replica < images % replicas ? 1 : 0))
                .toArray();
    }

    /** How executors keep what they have read. */
    public ShardedImages persist(StorageLevel level) {
        if (level.isValid()) {
            blocks.persist(level);
        }
        return this;
    }

    /** Lets executors forget what they keep. */
    public void release() {
        blocks.unpersist(false);
        homes.unpersist(false);
    }

    /** Images of each replica, in every epoch. */
    public int[] sizes() {
        return sizes.clone();
    }

    /** Where the replicas' tasks run, a partition a replica, cached there. */
    public JavaRDD<Integer> homes() {
        return homes;
    }

    /** One shard a partition, as dealt for an epoch. */
    public JavaRDD<Shard> shards(int epoch) {
        return new ShardRDD(homes.rdd(), blocks.rdd(), hands(epoch)).toJavaRDD();
    }

    /** Cuts the row of all images into hands. */
    private List<List<Shard.Part>> hands(int epoch) {
        int[] order = resharding.everyEpoch()
                ? EpochOrder.shuffled(
                        blockSizes.length, SeededHash.of(resharding.seed(), SeededHash.Purpose.RESHARD, epoch))
                : IntStream.range(0, blockSizes.length).toArray();
        List<List<Shard.Part>> hands = new ArrayList<>();
        int at = 0;
        int used = 0;
        for (int size : sizes) {
            List<Shard.Part> hand = new ArrayList<>();
            int missing = size;
            while (missing > 0) {
                int count = Math.min(missing, blockSizes[order[at]] - used);
                if (count > 0) {
                    hand.add(new Shard.Part(order[at], used, count));
                }
                used += count;
                missing -= count;
                if (used == blockSizes[order[at]]) {
                    at++;
                    used = 0;
                }
            }
            hands.add(hand);
        }
        return hands;
    }
}
