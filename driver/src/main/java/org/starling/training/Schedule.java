package org.starling.training;

import org.starling.training.TrainingConfiguration.ScheduleSettings;

/**
 * The learning rate of a training file as a function of a replica's step, counted from 0 over the whole run. Warm-up is linear and comes first; the
 * schedule's own steps begin after it. {@code plateauFactor} is what validation has made of the rate so far (1 for all other schedules).
 *
 * @param settings as in the training file, with {@code decaySteps} filled in
 * @param plateauFactor product of the plateau schedule's reductions so far
 */
record Schedule(ScheduleSettings settings, double plateauFactor) {

    /** @param stepsOfRun all steps that a replica makes in the run, from which an open {@code decaySteps} follows */
    static Schedule of(ScheduleSettings s, long stepsOfRun, double plateauFactor) {
        int decaySteps = s.decaySteps() > 0
                ? s.decaySteps()
                : (int) Math.min(Integer.MAX_VALUE, Math.max(1, stepsOfRun - s.warmupSteps()));
        return new Schedule(
                new ScheduleSettings(
                        s.name(),
                        s.learningRate(),
                        s.warmupSteps(),
                        s.stepSize(),
                        s.gamma(),
                        s.power(),
                        decaySteps,
                        s.endLearningRate(),
                        s.factor(),
                        s.patience(),
                        s.minDelta()),
                plateauFactor);
    }

    double at(long step) {
        if (step < settings.warmupSteps()) {
            return settings.learningRate() * (step + 1) / settings.warmupSteps();
        }
        return afterWarmup(step - settings.warmupSteps());
    }

    /** StrictMath throughout: the rate must be the same on every machine that a run may go on at. */
    private double afterWarmup(long step) {
        double base = settings.learningRate();
        double end = settings.endLearningRate();
        double progress = Math.min(1, (double) step / settings.decaySteps());
        return switch (settings.name()) {
            case CONSTANT -> base;
            case STEP -> base * StrictMath.pow(settings.gamma(), (double) (step / settings.stepSize()));
            case POLYNOMIAL -> (base - end) * StrictMath.pow(1 - progress, settings.power()) + end;
            case COSINE -> end + (base - end) * 0.5 * (1 + StrictMath.cos(Math.PI * progress));
            case PLATEAU -> Math.max(Math.min(base, end), base * plateauFactor);
        };
    }
}
