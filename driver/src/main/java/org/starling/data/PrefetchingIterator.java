package org.starling.data;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import org.starling.Undeclared;

/**
 * Computes the elements of another iterator ahead of time on one thread of its own. After {@link #close} that thread has
 * ended. What the other iterator throws is thrown by {@link #hasNext} and {@link #next} in its place. One thread
 * reads and closes it.
 */
public final class PrefetchingIterator<T> implements Iterator<T>, AutoCloseable {
    private final BlockingQueue<Item<T>> ready;
    private final Thread thread;
    private Item<T> head;
    private volatile boolean closed;

    /** An element, or the end (both null), or the failure that ended the source. */
    private record Item<T>(T element, Throwable failure) {
        boolean isEnd() {
            return element == null && failure == null;
        }
    }

    /**
     * @param source gives no nulls; used only by the new thread from now on
     * @param ahead elements that may wait at most, at least 1
     */
    public PrefetchingIterator(Iterator<? extends T> source, int ahead) {
        ready = new ArrayBlockingQueue<>(ahead);
        thread = new Thread(() -> fill(source), "starling-prefetch");
        thread.setDaemon(true);
        thread.setPriority(Thread.MIN_PRIORITY);
        thread.start();
    }

    private void fill(Iterator<? extends T> source) {
        try {
            try {
                while (!closed && source.hasNext()) {
                    ready.put(new Item<>(source.next(), null));
                }
                ready.put(new Item<>(null, null));
            } catch (InterruptedException e) {
                throw e;
            } catch (Throwable e) {
                // Spark's own exceptions are checked, and declared nowhere.
                ready.put(new Item<>(null, e));
            }
        } catch (InterruptedException e) {
            // Closed: nobody waits for more.
        }
    }

    @Override
    public boolean hasNext() {
        if (head == null) {
            head = take();
        }
        if (head.failure() != null) {
            throw Undeclared.thrown(head.failure());
        }
        return !head.isEnd();
    }

    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        T element = head.element();
        head = null;
        return element;
    }

    private Item<T> take() {
        if (closed) {
            throw new IllegalStateException("closed");
        }
        try {
            return ready.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for images");
        }
    }

    /** Stops the thread and waits until it has ended: at most as long as one element takes to compute. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
