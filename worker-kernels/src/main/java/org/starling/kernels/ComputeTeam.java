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

    /** @param threads at least 1, the caller's included */
    public ComputeTeam(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: " + threads + ", expected at least 1");
        }
        this.threads = threads;
        this.helpers = threads == 1
                ? null
                : Executors.newFixedThreadPool(threads - 1, runnable -> {
                    Thread thread = new Thread(runnable, "starling-compute");
                    thread.setDaemon(true);
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

    public int threads() {
        return threads;
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

    /** Calls {@code piece} once for every number below {@code pieces} and returns when all calls have; the first failure is thrown. */
    public void run(int pieces, IntConsumer piece) {
        if (threads == 1 || pieces <= 1) {
            for (int i = 0; i < pieces; i++) {
                piece.accept(i);
            }
            return;
        }
        AtomicInteger next = new AtomicInteger();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Runnable work = () -> {
            try {
                for (int i = next.getAndIncrement(); i < pieces; i = next.getAndIncrement()) {
                    piece.accept(i);
                }
            } catch (Throwable t) {
                next.set(pieces);
                failure.compareAndSet(null, t);
            }
        };
        int helping = Math.min(threads, pieces) - 1;
        CountDownLatch done = new CountDownLatch(helping);
        for (int h = 0; h < helping; h++) {
            helpers.execute(() -> {
                work.run();
                done.countDown();
            });
        }
        work.run();
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

    @Override
    public void close() {
        if (helpers != null) {
            helpers.shutdown();
        }
    }
}
