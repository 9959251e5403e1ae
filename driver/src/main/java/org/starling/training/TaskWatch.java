package org.starling.training;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.Success$;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorAdded;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.scheduler.TaskInfo;
import scala.collection.JavaConverters;

/**
 * What a run's jobs are doing, as Spark tells it: which of its tasks run, when the replicas of a round were launched, how often they were
 * trained, and which executors came and went. Spark tells it on a thread of its own, soon after it happened.
 */
final class TaskWatch extends SparkListener {
    /** A job's property that holds the serial number of the {@link Attempt} that it belongs to. */
    static final String ATTEMPT = "starling.roundAttempt";

    private static final String JOB_TAGS = "spark.job.tags";
    private static final long MILLIS_FOR_EVENTS = 2_000;

    /** One try of a round. */
    static final class Attempt {
        private final long serial;
        private final int round;
        private final Map<Integer, Long> launchedAt = new HashMap<>();
        private int jobsStarted;
        private int jobsEnded;

        private Attempt(long serial, int round) {
            this.serial = serial;
            this.round = round;
        }

        long serial() {
            return serial;
        }
    }

    private record RunningTask(int stage, TaskInfo info) {}

    private final String tag;
    private final Map<Long, Attempt> attempts = new HashMap<>();
    private final Map<Integer, Attempt> jobs = new HashMap<>();
    private final Set<Integer> stages = new HashSet<>();
    private final Map<Integer, Attempt> trainingStages = new HashMap<>();
    private final Map<Long, RunningTask> running = new HashMap<>();
    private final Map<Integer, Integer> lastRound = new HashMap<>();
    private final Queue<String> executorNews = new ArrayDeque<>();
    private long serial;
    private long trained;
    private long repeated;
    private boolean executorLost;

    /** @param tag of the jobs that are watched */
    TaskWatch(String tag) {
        this.tag = tag;
    }

    /** To be called before the jobs of a round. */
    synchronized Attempt begin(int round) {
        Attempt attempt = new Attempt(++serial, round);
        // Of the one before, a task may still be told of.
        attempts.keySet().removeIf(other -> other < serial - 1);
        trainingStages.values().removeIf(other -> other.serial < serial - 1);
        attempts.put(serial, attempt);
        return attempt;
    }

    private static Attempt none() {
        return new Attempt(0, 0);
    }

    @Override
    public synchronized void onJobStart(SparkListenerJobStart start) {
        if (!isOurs(start.properties())) {
            return;
        }
        if (jobs.isEmpty()) {
            stages.clear();
        }
        Attempt attempt = attemptOf(start.properties());
        attempt.jobsStarted++;
        jobs.put(start.jobId(), attempt);
        JavaConverters.seqAsJavaList(start.stageInfos()).forEach(stage -> stages.add(stage.stageId()));
    }

    @Override
    public synchronized void onStageSubmitted(SparkListenerStageSubmitted submitted) {
        boolean trains = JavaConverters.seqAsJavaList(submitted.stageInfo().rddInfos()).stream()
                .anyMatch(rdd -> Round.TRAINED.equals(rdd.name()));
        if (!trains || !isOurs(submitted.properties())) {
            return;
        }
        Attempt attempt = attemptOf(submitted.properties());
        // A job of another kind may have to train, too: when the state that it reads is lost and made again. One
        // replica exchanges nothing, so that
        // what it has trained stands in the lineage of whatever reads the state.
        if (attempt.serial > 0 || submitted.stageInfo().shuffleDepId().isDefined()) {
            Attempt last = attempts.getOrDefault(serial, none());
            trainingStages.put(submitted.stageInfo().stageId(), attempt.serial > 0 ? attempt : last);
        }
    }

    @Override
    public synchronized void onTaskStart(SparkListenerTaskStart start) {
        if (stages.contains(start.stageId())) {
            running.put(start.taskInfo().taskId(), new RunningTask(start.stageId(), start.taskInfo()));
        }
    }

    @Override
    public synchronized void onTaskEnd(SparkListenerTaskEnd end) {
        TaskInfo task = end.taskInfo();
        running.remove(task.taskId());
        Attempt attempt = trainingStages.get(end.stageId());
        if (attempt == null || !end.reason().equals(Success$.MODULE$)) {
            return;
        }
        int replica = task.partitionId();
        attempt.launchedAt.put(replica, task.launchTime());
        trained++;
        if (attempt.round <= lastRound.getOrDefault(replica, 0)) {
            repeated++;
        } else {
            lastRound.put(replica, attempt.round);
        }
    }

    @Override
    public synchronized void onJobEnd(SparkListenerJobEnd end) {
        Attempt attempt = jobs.remove(end.jobId());
        if (attempt != null) {
            attempt.jobsEnded++;
            notifyAll();
        }
    }

    @Override
    public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
        executorLost = true;
        executorNews.add("executor " + removed.executorId() + " is gone ("
                + removed.reason().lines().findFirst().orElse("for no reason that Spark knows") + ")");
    }

    @Override
    public synchronized void onExecutorAdded(SparkListenerExecutorAdded added) {
        // Before one is lost, those come that are waited for anyway.
        if (executorLost) {
            executorNews.add("executor " + added.executorId() + " on "
                    + added.executorInfo().executorHost() + " has come");
        }
    }

    private boolean isOurs(Properties properties) {
        return List.of(property(properties, JOB_TAGS).split(",")).contains(tag);
    }

    private Attempt attemptOf(Properties properties) {
        String value = property(properties, ATTEMPT);
        return value.isEmpty() ? none() : attempts.getOrDefault(Long.valueOf(value), none());
    }

    private static String property(Properties properties, String key) {
        return properties == null ? "" : properties.getProperty(key, "");
    }

    /** Whether a job is under way and none of its tasks is; those of a job before may still be ending. */
    synchronized boolean isIdle() {
        return !jobs.isEmpty() && running.values().stream().noneMatch(task -> stages.contains(task.stage()));
    }

    /** News of executors since the last call, in order. */
    synchronized List<String> executorNews() {
        List<String> news = new ArrayList<>(executorNews);
        executorNews.clear();
        return news;
    }

    /** The replicas that train at the moment, as {@code replica 1 on HOST}; empty when none does. */
    synchronized String training() {
        return running.values().stream()
                .filter(task -> trainingStages.containsKey(task.stage()))
                .map(RunningTask::info)
                .sorted(Comparator.comparingInt(TaskInfo::partitionId).thenComparingLong(TaskInfo::taskId))
                .map(task -> "replica " + task.partitionId() + " on " + task.host()
                        + (task.attemptNumber() == 0 ? "" : ", attempt " + (task.attemptNumber() + 1)))
                .collect(Collectors.joining("; "));
    }

    /**
     * When the tasks were launched whose training counted, by replica, in milliseconds of the driver's clock. Waits for what Spark has yet to
     * tell of the attempt's jobs, which have all ended.
     */
    synchronized Map<Integer, Long> launches(Attempt attempt) {
        long deadline = System.currentTimeMillis() + MILLIS_FOR_EVENTS;
        try {
            while (attempt.jobsStarted == 0 || attempt.jobsEnded < attempt.jobsStarted) {
                long left = deadline - System.currentTimeMillis();
                if (left <= 0) {
                    break;
                }
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Map.copyOf(attempt.launchedAt);
    }

    synchronized ReplicaRounds replicaRounds() {
        return new ReplicaRounds(trained, repeated);
    }
}
