package org.starling.training;

import java.util.List;
import org.starling.averaging.ChangeFormat;
import org.starling.averaging.MovingAverage;
import org.starling.averaging.OuterOptimizer;
import org.starling.averaging.OuterStep;
import org.starling.averaging.OuterStep.Span;
import org.starling.model.ParameterTensor.Role;
import org.starling.model.SequentialModel;
import org.starling.model.Slice;
import org.starling.model.SlicePlan;
import org.starling.training.TrainingConfiguration.AveragingSettings;
import org.starling.training.TrainingConfiguration.OuterOptimizerName;
import org.starling.training.TrainingConfiguration.OuterSettings;

/**
 * The outer steps of a run, one a round.
 *
 * @param averaging as in the training file
 * @param format in which changes travel; null where parameters do
 * @param slices of the parameters
 * @param statistics parts of the parameters that no optimizer moves
 * @param momentumVector where the outer optimizer's momentum is kept
 * @param averageVector where the moving average is kept
 */
record OuterSteps(
        AveragingSettings averaging,
        ChangeFormat format,
        SlicePlan slices,
        List<Span> statistics,
        int momentumVector,
        int averageVector) {

    /** @param replicas one has no one to send to */
    static OuterSteps of(AveragingSettings averaging, ReplicaSettings replica, int replicas) {
        SequentialModel model = replica.model();
        List<Span> statistics = model.parameters().stream()
                .filter(tensor -> tensor.role() == Role.RUNNING_STATISTIC)
                .map(tensor -> new Span(tensor.offset(), tensor.length()))
                .toList();
        return new OuterSteps(
                averaging,
                replicas == 1 ? null : averaging.payload().format(),
                SlicePlan.of(model.parameterCount()),
                statistics,
                replica.outerMomentum(),
                replica.movingAverage());
    }

    /** Whether averaging partitions keep vectors that no replica reads. */
    boolean keepVectors() {
        return averaging.outer().name() != OuterOptimizerName.NONE || averages();
    }

    /** Whether the moving average is what is evaluated. */
    boolean averages() {
        return averaging.emaDecay() > 0;
    }

    /** The vector that is evaluated and becomes the model. */
    int evaluatedVector() {
        return averages() ? averageVector : Slice.PARAMETERS;
    }

    /** The step of one round; null where the mean is all. */
    OuterStep of(RoundPlan plan) {
        boolean adapts = averaging.adaptive().on();
        if (!keepVectors() && !adapts && format == null) {
            return null;
        }
        MovingAverage average =
                averages() ? MovingAverage.inRound(plan.round(), averaging.emaDecay(), averageVector) : null;
        return new OuterStep(
                slices, optimizer(plan.lastLearningRate()), momentumVector, average, adapts, format, statistics);
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
