package org.starling.training;

import java.util.Locale;
import java.util.function.Consumer;

/** Says when the round under way takes much longer than the last ones did, and again when it has taken twice as long. */
final class SlowRound implements Runnable {
    private final RoundPlan plan;
    private final RoundPace pace;
    private final TaskWatch tasks;
    private final Consumer<String> notice;
    private final long start = System.nanoTime();
    private double limit;

    /**
     * @param plan of the round, which begins now
     * @param pace of those before
     */
    SlowRound(RoundPlan plan, RoundPace pace, TaskWatch tasks, Consumer<String> notice) {
        this.plan = plan;
        this.pace = pace;
        this.tasks = tasks;
        this.notice = notice;
        this.limit = pace.tooLong(plan.steps());
    }

    @Override
    public void run() {
        double seconds = (System.nanoTime() - start) / 1e9;
        if (seconds > limit) {
            limit = 2 * seconds;
            String training = tasks.training();
            notice.accept(String.format(
                    Locale.ROOT,
                    "slow: round %d has taken %.1f s, the last ones took %.1f s (median); %s",
                    plan.round(),
                    seconds,
                    pace.usual(plan.steps()),
                    training.isEmpty() ? "no replica is training" : "still training: " + training));
        }
    }
}
