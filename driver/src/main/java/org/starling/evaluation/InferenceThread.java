package org.starling.evaluation;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.spark.TaskContext;
import org.nd4j.linalg.api.memory.MemoryWorkspaceManager;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.Undeclared;
import org.starling.data.FeatureArrays;
import org.starling.kernels.ComputeTeam;

/**
 * Where the tasks of this JVM have their networks compute: one minibatch after the other, whichever task's, on one thread, each with the processors of all
 * tasks that there have been at a time. So weights are read from memory once for a minibatch that all compute, not once for each task that computes
 * one, and there is one network of a model, with one set of activations. Minibatches' arrays go from task to task as well.
 * When there have been no tasks for a while all of it is let go.
 */
final class InferenceThread {
    /** An ensemble of seven, the largest in use, and one to compare it with. */
    private static final int NETWORKS = 8;

    private static final int IDLE_SECONDS = 10;

    private static final InferenceThread OF_THIS_JVM = new InferenceThread();

    private final ScheduledThreadPoolExecutor thread;
    /** Of the tasks that there are. */
    private int processors;

    /**
     * The most that tasks have had at a time since all was let go, as far as is known what Spark gives this JVM. A task that is alone, as a job's last one, may
     * have them all.
     */
    private int mostProcessors;

    /** How often a task has come. */
    private long arrivals;

    private final FeatureArrays arrays = new FeatureArrays();

    // What follows is the thread's own.
    private ComputeTeam team;
    private final Map<Object, Inference> networks = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Object, Inference> eldest) {
            if (size() <= NETWORKS) {
                return false;
            }
            eldest.getValue().close();
            return true;
        }
    };

    private InferenceThread() {
        thread = new ScheduledThreadPoolExecutor(1, runnable -> {
            Thread daemon = new Thread(runnable, "starling-inference");
            daemon.setDaemon(true);
            return daemon;
        });
        thread.setKeepAliveTime(IDLE_SECONDS, TimeUnit.SECONDS);
        thread.allowCoreThreadTimeOut(true);
    }

    /** A task's part in it, from now until it is closed. */
    static Member join(TaskContext task) {
        return OF_THIS_JVM.new Member(task);
    }

    /** For one task. */
    final class Member implements AutoCloseable {
        private final TaskContext task;

        private Member(TaskContext task) {
            this.task = task;
            synchronized (InferenceThread.this) {
                arrivals++;
                processors += task.cpus();
                mostProcessors = Math.max(mostProcessors, processors);
            }
        }

        /**
         * What a network computes.
         *
         * @param key equal for networks that can stand in for each other
         * @param build makes the network, where there is none yet, on a team of threads
         * @throws CancellationException when the task was interrupted; nothing computes for it any more
         */
        <T> T compute(Object key, Function<ComputeTeam, Inference> build, Function<Inference, T> use) {
            return compute(all -> use.apply(networks.computeIfAbsent(key, k -> build.apply(all))));
        }

        /**
         * What the threads compute without a network.
         *
         * @throws CancellationException when the task was interrupted; nothing computes for it any more
         */
        <T> T compute(Function<ComputeTeam, T> work) {
            Future<T> result = thread.submit(() -> {
                ComputeTeam all = team();
                all.stopWhen(task::isInterrupted);
                try {
                    all.checkCancelled();
                    return work.apply(all);
                } finally {
                    all.stopNever();
                }
            });
            return await(result);
        }

        /** For minibatches, of all tasks. */
        FeatureArrays arrays() {
            return arrays;
        }

        private <T> T await(Future<T> result) {
            boolean interrupted = false;
            try {
                while (true) {
                    try {
                        return result.get();
                    } catch (InterruptedException e) {
                        // The minibatch is still being read; what computes looks at the task between layers.
                        interrupted = true;
                    }
                }
            } catch (ExecutionException e) {
                throw Undeclared.thrown(e.getCause());
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        @Override
        public void close() {
            synchronized (InferenceThread.this) {
                processors -= task.cpus();
                if (processors == 0) {
                    long last = arrivals;
                    thread.schedule(() -> releaseUnless(last), IDLE_SECONDS, TimeUnit.SECONDS);
                }
            }
        }
    }

    /** With as many threads as tasks have had processors. */
    private ComputeTeam team() {
        if (team == null) {
            team = new ComputeTeam(Runtime.getRuntime().availableProcessors());
        }
        synchronized (this) {
            team.limit(Math.max(1, mostProcessors));
        }
        return team;
    }

    /** Lets everything go, where no task has come since. */
    private void releaseUnless(long last) {
        synchronized (this) {
            if (arrivals != last) {
                return;
            }
            mostProcessors = 0;
        }
        arrays.clear();
        networks.values().forEach(Inference::close);
        networks.clear();
        if (team != null) {
            team.close();
            team = null;
        }
        MemoryWorkspaceManager manager = Nd4j.getWorkspaceManager();
        manager.getAllWorkspacesForCurrentThread().forEach(manager::destroyWorkspace);
    }
}
