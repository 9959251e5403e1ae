package org.starling.dl4j;

import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.starling.training.Seeds;

/**
 * Which round trains each of a worker's DataSets. Of every {@code rounds} that follow each other, every round gets one, drawn anew: dl4j-spark's
 * balanced random split, over what one worker has. With one round all stay in order.
 *
 * @param seed of this pass over the data
 * @param rounds of this pass
 */
record RoundOrder(long seed, int rounds) implements Serializable {
    private static final long serialVersionUID = 1L;

    /** The rounds of a worker's DataSets, one after another. */
    IntSupplier ofWorker(int worker) {
        if (rounds == 1) {
            return () -> 0;
        }
        List<Integer> group = IntStream.range(0, rounds).boxed().collect(Collectors.toList());
        Random random = new Random(Seeds.of(seed, worker, rounds));
        return new IntSupplier() {
            private int next = rounds;

            @Override
            public int getAsInt() {
                if (next == rounds) {
                    Collections.shuffle(group, random);
                    next = 0;
                }
                return group.get(next++);
            }
        };
    }
}
