package org.starling.training;

/**
 * A learning rate of a program's own, in the place of a {@linkplain TrainingConfiguration.ScheduleSettings schedule}. It is asked at the driver, when a round
 * is planned, and may be asked for the same step again: after executors were lost, or when a run is resumed. The run has the same bits again where the
 * answers are the same.
 *
 * <p>A checkpoint keeps what its {@code toString} says, where it has one of its own, as records do; a resumed run tells by that whether it has changed.
 */
@FunctionalInterface
public interface LearningRate {
    /**
     * @param step of a replica, counted from 0 over the whole run
     * @param steps that a replica makes in the whole run
     * @return the rate: a finite number, 0 or more
     */
    double at(long step, long steps);
}
