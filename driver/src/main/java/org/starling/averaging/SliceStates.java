package org.starling.averaging;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.ContextCleaner;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.apache.spark.storage.StorageLevel;

/**
 * The states that rounds make of each other, of which the last is kept, cached by the executors.
 *
 * <p>A new state has one copy, and what it was made from stays: the state before it and the files of the exchange. The next round gathers it,
 * and on the way a second copy comes to another executor. When that round is complete its lineage is cut, and what it was made from goes. So
 * a lost executor costs no more than one round, memory and disk hold two rounds and the one that is made, and no task waits for a copy to be
 * sent.
 * Not thread-safe.
 */
public final class SliceStates {
    private Generation current;

    /** What the current one can be computed from again; null at the start, which is no round's work. */
    private Generation before;

    /**
     * @param all every slice
     * @param shared those that every replica reads; the same RDD where there are no others
     * @param exchange the shuffle that it was computed from; null for none
     */
    private record Generation(SliceRDD all, SliceRDD shared, RDD<?> exchange) {
        Stream<SliceRDD> rdds() {
            return Stream.of(all, shared).distinct();
        }

        boolean isAnyMissing() {
            return rdds().map(CachedPartitions::of).anyMatch(CachedPartitions::isAnyMissing);
        }

        void settle() {
            if (!all.isCheckpointed()) {
                rdds().forEach(SecondCopies::complete);
                rdds().forEach(SliceRDD::cutLineage);
                releaseExchange();
            }
        }

        void releaseExchange() {
            if (exchange == null || exchange.context().cleaner().isEmpty()) {
                return;
            }
            ContextCleaner cleaner = exchange.context().cleaner().get();
            // Not RDD.cleanShuffleDependencies: it follows lineages that were cut too, for as long as no garbage
            // collection has taken them. Where a state is read in two ways in each round, it takes twice as long with
            // every round.
            exchange.dependencies().foreach(dependency -> {
                if (dependency instanceof ShuffleDependency<?, ?, ?> shuffle) {
                    cleaner.doCleanupShuffle(shuffle.shuffleId(), false);
                }
                return null;
            });
        }

        void release() {
            rdds().forEach(rdd -> rdd.unpersist(false));
            releaseExchange();
        }
    }

    /**
     * Computes the next state, and only when it is complete lets go what is no longer needed. When that fails the current state stays.
     *
     * @param all every slice
     * @param shared those that every replica reads, cached apart, or every gather would fetch all; the same RDD where there are no others
     * @param exchange the shuffle that it is computed from, whose files are removed in time; null for none
     * @param action computes both
     */
    public <T> T replaceBy(SliceRDD all, SliceRDD shared, RDD<?> exchange, Supplier<T> action) {
        Generation next = new Generation(all, shared, exchange);
        next.rdds().forEach(rdd -> rdd.persist(StorageLevel.MEMORY_AND_DISK_SER()));
        T result;
        try {
            result = action.get();
            if (current != null) {
                current.settle();
            }
        } catch (Throwable e) {
            // Spark's own exceptions are checked, and declared nowhere.
            next.release();
            throw e;
        }
        if (before != null) {
            before.release();
        }
        before = current;
        current = next;
        return result;
    }

    /** Makes the current state independent of what it was computed from, at once and not with the next one. */
    public void settle() {
        current.settle();
    }

    /**
     * Every slice that is shared, for each reader, and what it alone reads.
     *
     * @param own whether the readers have slices of their own
     * @param readers cached where the reading tasks will run, a partition each
     */
    public JavaRDD<byte[]> gather(boolean own, JavaRDD<?> readers) {
        SliceRDD shared = current.shared();
        CachedPartitions held = CachedPartitions.of(shared);
        CachedPartitions reading = CachedPartitions.of(readers.rdd());
        return new AllGatherRDD(
                        shared,
                        own ? current.all() : null,
                        held.holders(),
                        SecondCopies.keepers(held, reading),
                        places(held.places(), reading.places()))
                .toJavaRDD();
    }

    /** Where the readers are; what is not cached yet is read where the state's partitions are, which are spread over the executors. */
    private static List<List<String>> places(List<List<String>> holding, List<List<String>> reading) {
        return IntStream.range(0, reading.size())
                .mapToObj(r -> reading.get(r).isEmpty() ? holding.get(r % holding.size()) : reading.get(r))
                .toList();
    }

    /** The current state. */
    public JavaRDD<byte[]> slices() {
        return current.all().toJavaRDD();
    }

    /**
     * Whether a part of the current state is on no executor any more and cannot be computed again. Spark knows which blocks there are, except
     * those of an executor that has died and is not missed yet.
     */
    public boolean isLost() {
        return current != null && current.isAnyMissing() && before != null && before.isAnyMissing();
    }

    /** Lets everything go; also before a start anew, for a state that is lost cannot be settled. */
    public void release() {
        Stream.of(before, current).filter(generation -> generation != null).forEach(Generation::release);
        before = null;
        current = null;
    }
}
