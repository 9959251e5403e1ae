package org.starling.dl4j;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.apache.spark.Partitioner;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;
import org.deeplearning4j.spark.api.Repartition;
import org.nd4j.linalg.dataset.DataSet;
import org.starling.InputException;
import scala.Tuple2;

/**
 * Training data where it is trained: partition w holds worker w's DataSets, encoded, in the order of the RDD that they came from. They are dealt
 * once, by position and in blocks of one size, as dl4j-spark repartitions a split of a known size; no pass over them moves them again.
 */
final class WorkerData {
    private final SparkContext spark;
    private final int source;
    private final JavaRDD<byte[]> dealt;
    private final long[] sizes;

    private WorkerData(JavaRDD<DataSet> source, JavaRDD<byte[]> dealt, long[] sizes) {
        this.spark = source.context();
        this.source = source.id();
        this.dealt = dealt;
        this.sizes = sizes;
    }

    /**
     * Deals an RDD.
     *
     * @param workers how many there are, unless {@code repartition} leaves the data where it lies: then they are its partitions
     * @param storage of what was dealt; null for none
     */
    static WorkerData deal(JavaRDD<DataSet> source, int workers, Repartition repartition, StorageLevel storage) {
        JavaRDD<byte[]> encoded =
                persisted(source.map(dataSet -> EncodedDataSet.of(dataSet).bytes()), storage);
        try {
            long[] sizes = sizes(encoded);
            long total = Arrays.stream(sizes).sum();
            if (total == 0) {
                throw new InputException("The training data, " + source.rdd()
                        + ", holds no DataSet. Check the path or the filter that it comes from.");
            }
            Blocks blocks = new Blocks(total, workers);
            boolean stays = repartition == Repartition.Never
                    || repartition == Repartition.NumPartitionsWorkersDiffers && sizes.length == workers
                    || Arrays.equals(sizes, blocks.sizes());
            if (stays) {
                return new WorkerData(source, encoded, sizes);
            }
            long[] starts = new long[sizes.length];
            for (int p = 1; p < starts.length; p++) {
                starts[p] = starts[p - 1] + sizes[p - 1];
            }
            JavaRDD<byte[]> moved = encoded.mapPartitionsWithIndex((p, own) -> numbered(starts[p], own), true)
                    .mapToPair(pair -> pair)
                    .repartitionAndSortWithinPartitions(blocks)
                    .values();
            WorkerData data = new WorkerData(source, persisted(moved, storage), blocks.sizes());
            sizes(data.dealt);
            encoded.unpersist(false);
            return data;
        } catch (Throwable e) {
            encoded.unpersist(false);
            throw e;
        }
    }

    private static JavaRDD<byte[]> persisted(JavaRDD<byte[]> rdd, StorageLevel storage) {
        return storage == null ? rdd : rdd.persist(storage);
    }

    private static long[] sizes(JavaRDD<byte[]> data) {
        return data
                .mapPartitions(own -> {
                    long size = 0;
                    for (; own.hasNext(); own.next()) {
                        size++;
                    }
                    return List.of(size).iterator();
                })
                .collect()
                .stream()
                .mapToLong(size -> size)
                .toArray();
    }

    private static Iterator<Tuple2<Long, byte[]>> numbered(long start, Iterator<byte[]> own) {
        long[] next = {start};
        Iterable<byte[]> all = () -> own;
        return StreamSupport.stream(all.spliterator(), false)
                .map(bytes -> new Tuple2<>(next[0]++, bytes))
                .iterator();
    }

    /** Whether it was dealt from an RDD. */
    boolean isOf(JavaRDD<DataSet> other) {
        return source == other.id() && spark == other.context();
    }

    int workers() {
        return sizes.length;
    }

    /** Partition w is worker w's; see {@link EncodedDataSet}. */
    JavaRDD<byte[]> dataSets() {
        return dealt;
    }

    /** How many rounds it takes so that no worker trains more than {@code atMost} DataSets in one. */
    int rounds(int atMost) {
        long most = Arrays.stream(sizes).max().orElseThrow();
        return Math.toIntExact((most + atMost - 1) / atMost);
    }

    /** How many examples each worker trains in each round: {@code [round][worker]}. */
    long[][] examples(RoundOrder order) {
        List<long[]> byWorker = dealt.mapPartitionsWithIndex(
                        (worker, own) -> {
                            long[] examples = new long[order.rounds()];
                            IntSupplier rounds = order.ofWorker(worker);
                            own.forEachRemaining(
                                    bytes -> examples[rounds.getAsInt()] += new EncodedDataSet(bytes).examples());
                            return List.of(examples).iterator();
                        },
                        true)
                .collect();
        return IntStream.range(0, order.rounds())
                .mapToObj(round ->
                        byWorker.stream().mapToLong(examples -> examples[round]).toArray())
                .toArray(long[][]::new);
    }

    void release() {
        dealt.unpersist(false);
    }

    /** Cuts positions below {@code total} into blocks that follow each other, the first ones one longer than the others where they must. */
    private static final class Blocks extends Partitioner {
        private static final long serialVersionUID = 1L;

        private final long length;
        private final long longer;
        private final int blocks;

        Blocks(long total, int blocks) {
            this.length = total / blocks;
            this.longer = total % blocks;
            this.blocks = blocks;
        }

        long[] sizes() {
            long[] sizes = new long[blocks];
            Arrays.setAll(sizes, block -> block < longer ? length + 1 : length);
            return sizes;
        }

        @Override
        public int numPartitions() {
            return blocks;
        }

        @Override
        public int getPartition(Object position) {
            long p = (Long) position;
            long inLonger = longer * (length + 1);
            return (int) (p < inLonger ? p / (length + 1) : longer + (p - inLonger) / length);
        }
    }
}
