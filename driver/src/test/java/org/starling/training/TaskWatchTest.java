package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Set;
import org.apache.spark.SparkException;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.starling.LocalSpark;

/** On a context that repeats tasks that fail, and runs one after the other. */
class TaskWatchTest {
    private static final String TAG = "watched";

    private final JavaSparkContext spark = LocalSpark.context("local[1,3]");
    private final TaskWatch watch = new TaskWatch(TAG);

    @BeforeEach
    void listen() {
        spark.sc().addSparkListener(watch);
        spark.addJobTag(TAG);
    }

    @AfterEach
    void leave() {
        spark.clearJobTags();
        spark.setLocalProperty(TaskWatch.ATTEMPT, null);
        spark.sc().removeSparkListener(watch);
    }

    /** A job of two tasks, the second of which fails {@code failures} times. */
    private TaskWatch.Attempt round(int round, int failures) {
        TaskWatch.Attempt attempt = watch.begin(round);
        spark.setLocalProperty(TaskWatch.ATTEMPT, Long.toString(attempt.serial()));
        spark.parallelize(List.of(0, 1), 2)
                .map(replica -> {
                    if (replica == 1 && TaskContext.get().attemptNumber() < failures) {
                        throw new IllegalStateException("on purpose");
                    }
                    return replica;
                })
                .setName(Round.TRAINED)
                .collect();
        return attempt;
    }

    @Test
    void whatATaskCompletesIsCountedAndWhatItDoesNotIsNot() {
        assertEquals(Set.of(0, 1), watch.launches(round(1, 1)).keySet());
        assertEquals(new ReplicaRounds(2, 0), watch.replicaRounds());
    }

    @Test
    void aRoundThatIsTrainedAgainIsRepeated() {
        watch.launches(round(1, 0));
        watch.launches(round(2, 0));
        // Back to the checkpoint of round 1.
        watch.launches(round(2, 1));
        watch.launches(round(3, 0));
        assertEquals(new ReplicaRounds(8, 2), watch.replicaRounds());
    }

    @Test
    void theReplicasOfARoundThatFailsCountWhereTheyWereDone() {
        assertThrows(SparkException.class, () -> round(1, 3));
        watch.launches(round(1, 0));
        assertEquals(new ReplicaRounds(3, 1), watch.replicaRounds());
    }

    @Test
    void jobsOfOthersAreNotWatched() {
        spark.clearJobTags();
        spark.parallelize(List.of(0, 1), 2).setName(Round.TRAINED).collect();
        spark.addJobTag(TAG);
        watch.launches(round(1, 0));
        assertEquals(new ReplicaRounds(2, 0), watch.replicaRounds());
        assertEquals("", watch.training());
    }

    /** Its round has no shuffle, behind which the training would be hidden. */
    @Test
    void whatReadsTheStateOfOneReplicaTrainsNothing() {
        watch.launches(round(1, 0));
        spark.setLocalProperty(TaskWatch.ATTEMPT, null);
        spark.parallelize(List.of(0), 1)
                .setName(Round.TRAINED)
                .map(replica -> replica)
                .collect();
        watch.launches(round(2, 0));
        assertEquals(new ReplicaRounds(4, 0), watch.replicaRounds());
    }
}
