package org.starling.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PrefetchingIteratorTest {
    @Test
    void everythingComesInOrderAndThenTheEnd() {
        try (PrefetchingIterator<Integer> numbers =
                new PrefetchingIterator<>(IntStream.range(0, 1000).iterator(), 3)) {
            List<Integer> seen = new ArrayList<>();
            numbers.forEachRemaining(seen::add);
            assertEquals(IntStream.range(0, 1000).boxed().toList(), seen);
            assertFalse(numbers.hasNext());
            assertThrows(NoSuchElementException.class, numbers::next);
        }
    }

    @Test
    void noMoreIsComputedThanMayWait() throws InterruptedException {
        AtomicInteger computed = new AtomicInteger();
        CountDownLatch three = new CountDownLatch(3);
        Iterator<Integer> source = Stream.generate(() -> {
                    three.countDown();
                    return computed.incrementAndGet();
                })
                .iterator();
        try (PrefetchingIterator<Integer> ahead = new PrefetchingIterator<>(source, 2)) {
            assertTrue(three.await(10, TimeUnit.SECONDS), "two wait and one more is at hand");
            Thread.sleep(50);
            assertEquals(3, computed.get());
            assertEquals(1, ahead.next());
        }
    }

    @Test
    void whatTheSourceThrowsIsThrownInItsPlace() {
        for (Throwable failure :
                List.of(new IllegalStateException("broken"), new OutOfMemoryError("full"), new IOException("lost"))) {
            Iterator<Integer> source = IntStream.range(0, 4)
                    .mapToObj(i -> {
                        if (i == 2) {
                            PrefetchingIteratorTest.<RuntimeException>raise(failure);
                        }
                        return i;
                    })
                    .iterator();
            try (PrefetchingIterator<Integer> numbers = new PrefetchingIterator<>(source, 1)) {
                assertEquals(0, numbers.next());
                assertEquals(1, numbers.next());
                assertSame(failure, assertThrows(Throwable.class, numbers::next));
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void raise(Throwable failure) throws E {
        throw (E) failure;
    }

    @Test
    void afterCloseItsThreadHasEndedEvenWhenTheSourceIsEndless() {
        AtomicReference<Thread> thread = new AtomicReference<>();
        PrefetchingIterator<Integer> endless = new PrefetchingIterator<>(
                Stream.generate(() -> {
                            thread.set(Thread.currentThread());
                            return 1;
                        })
                        .iterator(),
                2);
        endless.next();
        assertTrue(thread.get().isDaemon());
        assertEquals(Thread.MIN_PRIORITY, thread.get().getPriority());
        endless.close();
        assertFalse(thread.get().isAlive());
        endless.close();
    }

    @Test
    void aThreadThatWaitsCanBeInterrupted() throws InterruptedException {
        CountDownLatch never = new CountDownLatch(1);
        AtomicReference<Throwable> seen = new AtomicReference<>();
        Iterator<Integer> stuck = Stream.generate(() -> {
                    try {
                        never.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    return 1;
                })
                .iterator();
        Thread reader = new Thread(() -> {
            try (PrefetchingIterator<Integer> numbers = new PrefetchingIterator<>(stuck, 1)) {
                numbers.next();
            } catch (CancellationException e) {
                seen.set(e);
            }
        });
        reader.start();
        reader.interrupt();
        reader.join(10_000);
        assertFalse(reader.isAlive());
        assertTrue(seen.get() instanceof CancellationException);
    }
}
