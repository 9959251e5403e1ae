package org.starling.training;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;
import org.starling.kernels.ComputeTeam;

/**
 * What one JVM keeps between tasks because building it costs more than using it. It is leased to one task attempt at a time; an attempt that
 * finds none free builds one. What was built from something else than the one who asks now is let go. Whoever gets one overwrites all of it.
 */
public final class TaskPool<T extends TaskPool.Leased> {
    private final Deque<T> free = new ArrayDeque<>();

    /** Computes for one task at a time. */
    public interface Leased extends AutoCloseable {
        /** Equal for those that can stand in for each other. */
        Object builtFrom();

        /** The threads that it computes with; its own. */
        ComputeTeam team();

        /** Asked between layers and by {@link #checkCancelled} from now on. */
        default void stopWhen(BooleanSupplier cancelled) {
            team().stopWhen(cancelled);
        }

        /** Takes {@link #stopWhen} back. */
        default void stopNever() {
            team().stopNever();
        }

        /** @throws java.util.concurrent.CancellationException when {@link #stopWhen} says so */
        default void checkCancelled() {
            team().checkCancelled();
        }

        /** Ends its threads. */
        @Override
        default void close() {
            team().close();
        }
    }

    /**
     * One for the rest of the task, which stops between layers when the task is interrupted. It comes back when the task's body has
     * returned or thrown, so when no thread computes with it any more: slices are copied out while the average writes them, and a killed
     * attempt computes until it notices.
     *
     * @param builtFrom see {@link Leased#builtFrom}
     */
    public T lease(Object builtFrom, Supplier<T> builder, TaskContext task) {
        T leased = take(builtFrom, builder);
        leased.stopWhen(task::isInterrupted);
        task.addTaskCompletionListener((TaskCompletionListener) context -> giveBack(leased));
        return leased;
    }

    private T take(Object builtFrom, Supplier<T> builder) {
        synchronized (free) {
            for (T other : List.copyOf(free)) {
                if (!other.builtFrom().equals(builtFrom)) {
                    free.remove(other);
                    other.close();
                }
            }
            T leased = free.poll();
            if (leased != null) {
                return leased;
            }
        }
        return builder.get();
    }

    private void giveBack(T leased) {
        // A free one holds on to no task.
        leased.stopNever();
        synchronized (free) {
            free.push(leased);
        }
    }
}
