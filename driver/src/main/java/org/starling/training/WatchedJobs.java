package org.starling.training;

import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;
import org.starling.Undeclared;

/**
 * Runs a run's Spark jobs on a thread of their own, so that the driver's can watch them: it cancels them when the run is asked to stop, says
 * when executors come and go and when nothing runs, and gives up when nothing has run for too long.
 */
final class WatchedJobs implements AutoCloseable {
    private static final long TICK_MILLIS = 200;
    /** A task may wait a little for the executor that holds its data. */
    private static final double SILENT_SECONDS = 5;

    private static final Runnable NOTHING = () -> {};

    private final JavaSparkContext spark;
    private final StopRequest stop;
    private final int waitSeconds;
    private final Consumer<String> notice;
    private final String tag = "starling-" + UUID.randomUUID();
    private final TaskWatch tasks = new TaskWatch(tag);

    /**
     * @param stop asked for by whoever wants the run to stop
     * @param waitSeconds for which a job may wait for executors
     * @param notice told what happens, on the thread that runs jobs
     */
    WatchedJobs(JavaSparkContext spark, StopRequest stop, int waitSeconds, Consumer<String> notice) {
        this.spark = spark;
        this.stop = stop;
        this.waitSeconds = waitSeconds;
        this.notice = notice;
        spark.sc().addSparkListener(tasks);
    }

    TaskWatch tasks() {
        return tasks;
    }

    /**
     * Runs what can be given up when the run is to stop.
     *
     * @param description what Spark's page calls the jobs
     * @throws StoppedException when the run was to stop and the work is not done
     * @throws InputException when executors were missing for too long
     */
    <T> T run(String description, Callable<T> work) {
        return run(description, work, NOTHING);
    }

    /** @param tick called now and then meanwhile */
    <T> T run(String description, Callable<T> work, Runnable tick) {
        stop.check();
        return watch(description, work, tick, true);
    }

    /** Runs what has to be done although the run is to stop. */
    <T> T runUnstopped(String description, Callable<T> work) {
        return watch(description, work, NOTHING, false);
    }

    private <T> T watch(String description, Callable<T> work, Runnable tick, boolean stoppable) {
        FutureTask<T> task = new FutureTask<>(() -> {
            spark.addJobTag(tag);
            spark.sc().setJobDescription(description);
            return work.call();
        });
        // A new thread each time: it inherits the caller's properties of jobs, and its own end with it.
        Thread thread = new Thread(task, "starling-jobs");
        thread.setDaemon(true);
        thread.start();
        IdleTime idle = new IdleTime(description);
        RuntimeException cancelled = null;
        while (true) {
            try {
                T result = task.get(TICK_MILLIS, TimeUnit.MILLISECONDS);
                tellExecutorNews();
                return result;
            } catch (TimeoutException e) {
                tellExecutorNews();
                tick.run();
                if (cancelled == null) {
                    cancelled = stoppable && stop.isMade() ? stopped() : idle.check();
                }
                if (cancelled != null) {
                    // Every time: the first may have come before the job.
                    spark.cancelJobsWithTag(tag);
                }
            } catch (ExecutionException e) {
                tellExecutorNews();
                throw cancelled != null ? cancelled : Undeclared.thrown(e.getCause());
            } catch (InterruptedException e) {
                spark.cancelJobsWithTag(tag);
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for: " + description, e);
            }
        }
    }

    private StoppedException stopped() {
        try {
            stop.check();
        } catch (StoppedException e) {
            return e;
        }
        throw new IllegalStateException("nobody asked to stop");
    }

    private void tellExecutorNews() {
        // With dynamic allocation they come and go by design.
        boolean news = !spark.getConf().getBoolean("spark.dynamicAllocation.enabled", false);
        for (String text : tasks.executorNews()) {
            if (news) {
                notice.accept(text + "; the run has " + executors());
            }
        }
    }

    private String executors() {
        int count = spark.sc().getExecutorIds().size();
        return count + (count == 1 ? " executor" : " executors");
    }

    /** For how long a job has had no running task. */
    private final class IdleTime {
        private final String description;
        private long since;
        private boolean said;

        IdleTime(String description) {
            this.description = description;
        }

        /** @return why to give up, or null */
        InputException check() {
            if (spark.isLocal() || !tasks.isIdle()) {
                since = 0;
                said = false;
                return null;
            }
            long now = System.nanoTime();
            if (since == 0) {
                since = now;
            }
            double seconds = (now - since) / 1e9;
            if (seconds > waitSeconds) {
                return new InputException("Gave up after " + waitSeconds + " s in which nothing ran of: " + description
                        + ". " + spark.master() + " gives this run " + executors()
                        + ". See why its executors ended (the master's page, their logs), and that the cluster has free cores"
                        + " and memory; run.waitSeconds is how long to wait.");
            }
            if (seconds > SILENT_SECONDS && !said) {
                said = true;
                notice.accept("waiting: nothing runs of \"" + description + "\"; " + spark.master() + " gives this run "
                        + executors() + ", giving up after " + waitSeconds + " s");
            }
            return null;
        }
    }

    @Override
    public void close() {
        if (!spark.sc().isStopped()) {
            spark.sc().removeSparkListener(tasks);
        }
    }
}
