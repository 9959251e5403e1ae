package org.starling.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * Deals images to replicas like cards: sorted by class, a seeded hash of the name, and the name, image {@code i} goes to
 * replica {@code i mod R}. Every replica gets as many of each class as any other, to within one, and as many in all, to
 * within one; neither the cluster nor the partitions of the source play a part.
 *
 * @param ranks place in the sorted order by partition and index of the source, -1 for an image that is not dealt; 4 bytes an
 *     image in every executor
 * @param images images dealt
 * @param replicas hands
 */
record Dealing(int[][] ranks, int images, int replicas) {
    private static final int NOT_DEALT = -1;

    static Dealing of(List<Census.Entry> images, int replicas, long seed) {
        record Card(Census.Entry image, long hash) {}
        List<Card> cards = new ArrayList<>(images.size());
        for (Census.Entry image : images) {
            cards.add(new Card(image, SeededHash.of(seed, SeededHash.Purpose.DEAL, image.name())));
        }
        cards.sort(Comparator.comparingInt((Card card) -> card.image().label())
                .thenComparingLong(Card::hash)
                .thenComparing(card -> card.image().name()));
        int partitions = images.stream().mapToInt(Census.Entry::partition).max().orElse(-1) + 1;
        int[] lengths = new int[partitions];
        images.forEach(image -> lengths[image.partition()] = Math.max(lengths[image.partition()], image.index() + 1));
        int[][] ranks = new int[partitions][];
        for (int p = 0; p < partitions; p++) {
            ranks[p] = new int[lengths[p]];
            Arrays.fill(ranks[p], NOT_DEALT);
        }
        for (int rank = 0; rank < cards.size(); rank++) {
            Census.Entry image = cards.get(rank).image();
            ranks[image.partition()][image.index()] = rank;
        }
        return new Dealing(ranks, cards.size(), replicas);
    }

    /** Images of each replica. */
    int[] sizes() {
        return IntStream.range(0, replicas)
                .map(replica -> images / replicas + (replica < images % replicas ? 1 : 0))
                .toArray();
    }

    /** Moves the images: R partitions, each with one shard. */
    JavaRDD<Shard> shards(JavaSparkContext context, JavaRDD<ImageRecord> records) {
        Broadcast<int[][]> table = context.broadcast(ranks);
        JavaRDD<Tuple2<Integer, ImageRecord>> ranked = records.mapPartitionsWithIndex(
                        (partition, images) -> ranked(images, table.value(), partition), false)
                .filter(image -> image._1() != NOT_DEALT);
        return JavaPairRDD.fromJavaRDD(ranked)
                .partitionBy(new Dealer(replicas))
                .mapPartitionsWithIndex(
                        (replica, hand) -> {
                            List<Tuple2<Integer, ImageRecord>> cards = new ArrayList<>();
                            hand.forEachRemaining(cards::add);
                            cards.sort(Comparator.comparing(Tuple2::_1));
                            List<ImageRecord> images = new ArrayList<>(cards.size());
                            cards.forEach(card -> images.add(card._2()));
                            return List.of(new Shard(replica, images)).iterator();
                        },
                        true);
    }

    private static Iterator<Tuple2<Integer, ImageRecord>> ranked(
            Iterator<ImageRecord> images, int[][] ranks, int partition) {
        return new Iterator<>() {
            private int index;

            @Override
            public boolean hasNext() {
                return images.hasNext();
            }

            @Override
            public Tuple2<Integer, ImageRecord> next() {
                ImageRecord image = images.next();
                int i = index++;
                boolean listed = partition < ranks.length && i < ranks[partition].length;
                return new Tuple2<>(listed ? ranks[partition][i] : NOT_DEALT, image);
            }
        };
    }

    /** Sends rank i to partition i mod R. */
    private static final class Dealer extends Partitioner implements Serializable {
        private static final long serialVersionUID = 1L;
        private final int replicas;

        Dealer(int replicas) {
            this.replicas = replicas;
        }

        @Override
        public int numPartitions() {
            return replicas;
        }

        @Override
        public int getPartition(Object rank) {
            return (Integer) rank % replicas;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Dealer dealer && dealer.replicas == replicas;
        }

        @Override
        public int hashCode() {
            return replicas;
        }
    }
}
