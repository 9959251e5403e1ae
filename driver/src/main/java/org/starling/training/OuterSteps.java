package org.starling.training;

import java.util.List;
import org.starling.averaging.OuterOptimizer;
import org.starling.averaging.OuterStep;
import org.starling.averaging.OuterStep.Span;
import org.starling.model.ParameterTensor.Role;
import org.starling.model.SequentialModel;
import org.starling.model.SlicePlan;
import org.starling.training.TrainingConfiguration.AveragingSettings;
import org.starling.training.TrainingConfiguration.OuterSettings;

/**
 * The outer steps of a run, one a round.
 *
 * @param averaging as in the training file
 * @param slices of the parameters
 * @param statistics parts of the parameters that no optimizer moves
 * @param momentumVector where the outer optimizer's momentum is kept
 */
record OuterSteps(AveragingSettings averaging, SlicePlan slices, List<Span> statistics, int momentumVector) {

    static OuterSteps of(AveragingSettings averaging, ReplicaSettings replica) {
        SequentialModel model = replica.model();
        List<Span> statistics = model.parameters().stream()
                .filter(tensor -> tensor.role() == Role.RUNNING_STATISTIC)
                .map(tensor -> new Span(tensor.offset(), tensor.length()))
                .toList();
        return new OuterSteps(averaging, SlicePlan.of(model.parameterCount()), statistics, replica.outerMomentum());
    }

    /** Whether averaging partitions keep vectors that no replica reads. */
    boolean keepVectors() {
        return optimizer(1) != null;
    }

    /** The step of one round; null where the mean is all. */
    OuterStep of(RoundPlan plan) {
        OuterOptimizer optimizer = optimizer(plan.lastLearningRate());
        return optimizer == null ? null : new OuterStep(slices, optimizer, momentumVector, statistics);
    }

    private OuterOptimizer optimizer(double localRate) {
        OuterSettings outer = averaging.outer();
        return switch (outer.name()) {
            case NONE -> null;
            case SLOWMO -> new OuterOptimizer.SlowMo(outer.learningRate(), outer.momentum(), localRate);
            case NESTEROV -> new OuterOptimizer.OuterNesterov(outer.learningRate(), outer.momentum());
        };
    }
}
