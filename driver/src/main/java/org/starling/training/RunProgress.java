package org.starling.training;

import java.util.Map;
import java.util.TreeMap;
import org.starling.InputException;
import org.starling.checkpoint.Checkpoint;
import org.starling.training.TrainingConfiguration.EarlyStoppingSettings;
import org.starling.training.TrainingConfiguration.ScheduleName;
import org.starling.training.TrainingConfiguration.ScheduleSettings;

/**
 * Where a run is: all the state that lives at the driver, and in a checkpoint.
 *
 * @param round rounds done
 * @param epoch epoch of the next round, from 0
 * @param step local steps of that epoch done
 * @param best best validation top-1, negative before the first
 * @param plateau of the learning rate
 * @param plateauFactor product of the plateau schedule's reductions
 * @param stopping of the run
 * @param period between averagings, where it adapts
 * @param validationPending whether an epoch has ended and nobody has looked yet whether to validate
 */
record RunProgress(
        int round,
        int epoch,
        int step,
        double best,
        Improvement plateau,
        double plateauFactor,
        Improvement stopping,
        AdaptivePeriod period,
        boolean validationPending) {

    static final RunProgress START =
            new RunProgress(0, 0, 0, -1, Improvement.NONE, 1, Improvement.NONE, AdaptivePeriod.START, false);

    /** @param nextPeriod where it adapts */
    RunProgress afterRound(RoundPlan plan, AdaptivePeriod nextPeriod) {
        int done = plan.firstStep() + plan.steps();
        boolean epochDone = done >= plan.stepsPerEpoch();
        return new RunProgress(
                plan.round(),
                epochDone ? epoch + 1 : epoch,
                epochDone ? 0 : done,
                best,
                plateau,
                plateauFactor,
                stopping,
                nextPeriod,
                epochDone);
    }

    /** After an epoch whose end brings no validation. */
    RunProgress withoutValidation() {
        return new RunProgress(round, epoch, step, best, plateau, plateauFactor, stopping, period, false);
    }

    RunProgress afterValidation(double accuracy, ScheduleSettings schedule, EarlyStoppingSettings early) {
        Improvement nextPlateau = plateau.after(accuracy, schedule.minDelta());
        double factor = plateauFactor;
        if (schedule.name() == ScheduleName.PLATEAU && nextPlateau.since() >= schedule.patience()) {
            factor *= schedule.factor();
            nextPlateau = nextPlateau.waitAgain();
        }
        return new RunProgress(
                round,
                epoch,
                step,
                Math.max(best, accuracy),
                nextPlateau,
                factor,
                stopping.after(accuracy, early.minDelta()),
                period,
                false);
    }

    /** With another split of the data an epoch that was under way begins anew: nobody knows which images of it were seen. */
    RunProgress withEpochAnew() {
        return new RunProgress(round, epoch, 0, best, plateau, plateauFactor, stopping, period, validationPending);
    }

    boolean atEpochStart() {
        return step == 0;
    }

    Map<String, Double> toMap() {
        Map<String, Double> map = new TreeMap<>();
        map.put("best", best);
        map.put("plateau.best", plateau.best());
        map.put("plateau.since", (double) plateau.since());
        map.put("plateau.factor", plateauFactor);
        map.put("earlyStopping.best", stopping.best());
        map.put("earlyStopping.since", (double) stopping.since());
        map.put("period.steps", (double) period.steps());
        map.put("period.sampled", period.sampled());
        map.put("period.samples", (double) period.samples());
        map.put("validation.pending", validationPending ? 1.0 : 0.0);
        return map;
    }

    /** @throws InputException when the manifest does not say all of it */
    static RunProgress of(Checkpoint manifest) {
        Map<String, Double> map = manifest.progress();
        return new RunProgress(
                manifest.round(),
                manifest.epoch(),
                manifest.step(),
                number(map, "best"),
                new Improvement(number(map, "plateau.best"), (int) number(map, "plateau.since")),
                number(map, "plateau.factor"),
                new Improvement(number(map, "earlyStopping.best"), (int) number(map, "earlyStopping.since")),
                // Checkpoints from before periods adapted have none.
                new AdaptivePeriod((int) number(map, "period.steps", 0), number(map, "period.sampled", 0), (int)
                        number(map, "period.samples", 0)),
                // A checkpoint without it was written after the validation.
                number(map, "validation.pending", 0) > 0);
    }

    private static double number(Map<String, Double> map, String key, double otherwise) {
        return map.containsKey(key) ? number(map, key) : otherwise;
    }

    private static double number(Map<String, Double> map, String key) {
        Double value = map.get(key);
        if (value == null) {
            throw new InputException(
                    "The checkpoint's manifest does not say where the run was: its progress lacks the number %s. Take the checkpoint away, and the run goes on from the one before it."
                            .formatted(key));
        }
        return value;
    }
}
