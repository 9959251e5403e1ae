package org.starling.kernels;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;

/**
 * The threads that compute for one task: the caller's own and {@code threads - 1} more. Work is handed out piece by piece; which thread takes
 * which piece never matters to the result, as every piece writes what no other piece touches. For one caller at a time.
 */
public final class ComputeTeam implements AutoCloseable {
    private static final BooleanSupplier NEVER = () -> false;

    private final int threads;
    private final ExecutorService helpers;
    private BooleanSupplier cancelled = NEVER;
    private int limit;
    private volatile boolean closed;

    /** Pieces of work that need scratch memory of the worker's own. */
    @FunctionalInterface
    public interface Work {
        /** @param worker number of the computing thread in this call, below {@link #threads}; no two compute with one number at a time */
        void compute(int piece, int worker);
    }

    /** @param threads at least 1, the caller's included */
    public ComputeTeam(int threads) {
        this(threads, threads <= 1 ? null : daemons(threads - 1, "starling-compute", Thread.NORM_PRIORITY));
    }

    /** @param helpers runs {@code threads - 1} at a time; null for one thread */
    ComputeTeam(int threads, ExecutorService helpers) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: " + threads + ", expected at least 1");
        }
        this.threads = threads;
        this.limit = threads;
        this.helpers = helpers;
    }

    /**
     * A team for what others wait for seldom: its threads have the lowest priority.
     *
     * @param name of the threads
     */
    public static ComputeTeam inBackground(int threads, String name) {
        return new ComputeTeam(threads, threads <= 1 ? null : daemons(threads - 1, name, Thread.MIN_PRIORITY));
    }

    private static ExecutorService daemons(int threads, String name, int priority) {
        return Executors.newFixedThreadPool(threads, runnable -> {
            Thread thread = new Thread(runnable, name);
            thread.setDaemon(true);
            thread.setPriority(priority);
            return thread;
        });
    }

    /**
     * The team of a task that was given {@code cpus} processors: as many threads, or fewer where the JVM may not use as many, as in a container
     * with a limit.
     */
    public static ComputeTeam forTask(int cpus) {
        return new ComputeTeam(Math.min(cpus, Runtime.getRuntime().availableProcessors()));
    }

    /** The most that ever compute at a time. */
    public int threads() {
        return threads;
    }

    /**
     * From now on no more than so many of the threads compute; the caller's thread calls it, between layers.
     *
     * @param most at least 1
     */
    public void limit(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("at most " + most + " threads, expected at least 1");
        }
        limit = Math.min(most, threads);
    }

    /**
     * From now on {@link #checkCancelled} asks {@code cancelled}. It is asked by the caller's thread only, never by a helper, so that work
     * handed out is always done to its end.
     */
    public void stopWhen(BooleanSupplier cancelled) {
        this.cancelled = cancelled;
    }

    /** Takes {@link #stopWhen} back. */
    public void stopNever() {
        cancelled = NEVER;
    }

    /**
     * Called between layers, where no thread of the team computes.
     *
     * @throws CancellationException when the computation is no longer wanted
     */
    public void checkCancelled() {
        if (cancelled.getAsBoolean()) {
            throw new CancellationException("cancelled: the task that this network computes for was interrupted");
        }
    }

    /**
     * Calls {@code piece} once for every number below {@code pieces} and returns when all calls have; the first failure is thrown.
     *
     * @throws IllegalStateException after {@link #close}
     */
    public void run(int pieces, IntConsumer piece) {
        run(pieces, (i, worker) -> piece.accept(i));
    }

    /** As {@link #run(int, IntConsumer)}, telling {@code work} its worker. The caller is number 0. */
    public void run(int pieces, Work work) {
        if (closed) {
            throw new IllegalStateException(
                    "the compute team of this network was closed. Close it after the network's last use,"
                            + " and give a network that shall go on computing a team of its own.");
        }
        if (limit == 1 || pieces <= 1) {
            for (int i = 0; i < pieces; i++) {
                work.compute(i, 0);
            }
            return;
        }
        AtomicInteger next = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        IntConsumer worker = number -> {
            try {
                for (int i = next.getAndIncrement(); i < pieces; i = next.getAndIncrement()) {
                    work.compute(i, number);
                }
            } catch (Throwable t) {
                failure.compareAndSet(null, t);
                next.set(pieces);
            }
        };
        int helping = Math.min(limit, pieces) - 1;
        CountDownLatch done = new CountDownLatch(helping);
        int started = 0;
        try {
            for (; started < helping; started++) {
                int number = started + 1;
                helpers.execute(() -> {
                    worker.accept(number);
                    done.countDown();
                });
            }
        } catch (RuntimeException | Error e) {
            // No thread, or closed meanwhile. Those already at work still write into the caller's arrays.
            failure.compareAndSet(null, e);
            next.set(pieces);
            for (; started < helping; started++) {
                done.countDown();
            }
        }
        worker.accept(0);
        awaitAll(done);
        Throwable thrown = failure.get();
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
    }

    /** Helpers write into the caller's arrays, so an interrupt must not return while they still do. */
    private static void awaitAll(CountDownLatch done) {
        boolean interrupted = false;
        while (true) {
            try {
                done.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends the helpers when they have done what was handed out. */
    @Override
    public void close() {
        closed = true;
        if (helpers != null) {
            helpers.shutdown();
        }
    }
}
