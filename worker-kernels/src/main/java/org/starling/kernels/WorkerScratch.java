package org.starling.kernels;

import java.util.function.Supplier;

/**
 * Scratch memory of a team's workers, each with its own: as many as the team has threads, whichever threads the callers are. A worker's is made
 * when it first computes.
 *
 * @param <T> scratch of one worker
 */
public final class WorkerScratch<T> {
    private final T[] scratch;
    private final Supplier<T> create;

    @SuppressWarnings("unchecked")
    public WorkerScratch(ComputeTeam team, Supplier<T> create) {
        this.scratch = (T[]) new Object[team.threads()];
        this.create = create;
    }

    /** @param worker who asks, as {@link ComputeTeam.Work} is told */
    public T of(int worker) {
        // What the worker of an earlier call made is seen: a call begins after the one before it has ended.
        if (scratch[worker] == null) {
            scratch[worker] = create.get();
        }
        return scratch[worker];
    }
}
