package org.starling.training;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.starling.data.Minibatches;
import org.starling.data.Shard;
import org.starling.evaluation.EvaluationResult;
import org.starling.evaluation.Mistake;
import org.starling.evaluation.MistakeSample;
import org.starling.evaluation.NetworkEvaluation;
import org.starling.model.SequentialModel;

/**
 * One replica's part of a validation.
 *
 * @param replica its number
 * @param result counts over its part
 * @param mistakes those it was surest of, without pictures
 */
record ReplicaEvaluation(int replica, EvaluationResult result, List<Mistake> mistakes) implements Serializable {
    /** A page of pictures. */
    static final int MISTAKES = 24;

    static ReplicaEvaluation of(ReplicaSettings settings, Shard shard, Iterator<byte[]> gathered) {
        Replica replica = ReplicaPool.lease(settings, TaskContext.get());
        Round.load(replica, gathered, shard.replica());
        SequentialModel model = replica.model();
        MistakeSample mistakes = new MistakeSample(MISTAKES);
        EvaluationResult result = NetworkEvaluation.evaluate(
                replica.network(),
                model.input(),
                Minibatches.inOrder(
                        shard.images(), model.input(), settings.preprocessing(), settings.batch(), replica.decoders()),
                replica.decoders(),
                model.classes(),
                mistakes,
                replica.input());
        return new ReplicaEvaluation(shard.replica(), result, mistakes.mistakes());
    }
}
