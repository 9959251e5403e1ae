package org.starling.kernels;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComputeTeamTest {
    @ParameterizedTest
    @CsvSource({"1, 5", "2, 1", "2, 0", "3, 100", "4, 3"})
    void everyPieceIsCalledOnce(int threads, int pieces) {
        AtomicIntegerArray calls = new AtomicIntegerArray(pieces);
        try (ComputeTeam team = new ComputeTeam(threads)) {
            team.run(pieces, calls::incrementAndGet);
        }
        for (int i = 0; i < pieces; i++) {
            assertEquals(1, calls.get(i));
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "3"})
    void aFailureIsThrownToTheCaller(int threads) {
        IllegalStateException failure = new IllegalStateException("piece 2");
        try (ComputeTeam team = new ComputeTeam(threads)) {
            assertSame(
                    failure,
                    assertThrows(
                            IllegalStateException.class,
                            () -> team.run(10, piece -> {
                                if (piece == 2) {
                                    throw failure;
                                }
                            })));
        }
    }

    @Test
    void anInterruptedCallerReturnsOnlyWhenItsHelpersAreDone() {
        Thread caller = Thread.currentThread();
        CountDownLatch helping = new CountDownLatch(1);
        AtomicBoolean returned = new AtomicBoolean();
        AtomicBoolean done = new AtomicBoolean();
        boolean doneBefore;
        try (ComputeTeam team = new ComputeTeam(2)) {
            team.run(2, piece -> {
                if (Thread.currentThread() == caller) {
                    await(helping);
                    caller.interrupt();
                    return;
                }
                helping.countDown();
                // Until the caller waits again, after its interrupt was seen.
                while (!returned.get() && !(caller.getState() == Thread.State.WAITING && !caller.isInterrupted())) {
                    Thread.onSpinWait();
                }
                done.set(true);
            });
            doneBefore = done.get();
            returned.set(true);
        }
        assertTrue(Thread.interrupted(), "the interrupt is kept for the caller");
        assertTrue(doneBefore);
    }

    @ParameterizedTest
    @CsvSource({"1", "3"})
    void aClosedTeamSaysWhatToDo(int threads) {
        ComputeTeam team = new ComputeTeam(threads);
        team.close();
        String message = assertThrows(IllegalStateException.class, () -> team.run(5, piece -> {}))
                .getMessage();
        assertTrue(message.contains("was closed. Close it after the network's last use"), message);
    }

    @Test
    void aCallThatCannotStartAllItsHelpersWaitsForThoseItStarted() {
        CountDownLatch helping = new CountDownLatch(1);
        CountDownLatch refused = new CountDownLatch(1);
        AtomicBoolean done = new AtomicBoolean();
        // One thread and no queue, where the team wants two helpers.
        ThreadPoolExecutor narrow =
                new ThreadPoolExecutor(0, 1, 1, TimeUnit.SECONDS, new SynchronousQueue<>(), (task, executor) -> {
                    await(helping);
                    refused.countDown();
                    throw new RejectedExecutionException("no thread left");
                });
        try (ComputeTeam team = new ComputeTeam(3, narrow)) {
            Thread caller = Thread.currentThread();
            assertThrows(
                    RejectedExecutionException.class,
                    () -> team.run(1_000_000, piece -> {
                        if (Thread.currentThread() != caller && !done.get()) {
                            helping.countDown();
                            await(refused);
                            while (caller.getState() == Thread.State.RUNNABLE && !narrow.isShutdown()) {
                                Thread.onSpinWait();
                            }
                            done.set(true);
                        }
                    }));
            assertTrue(done.get());
        }
    }

    @Test
    void aWorkersNumberIsItsOwnWhileItComputes() {
        AtomicIntegerArray computing = new AtomicIntegerArray(3);
        AtomicBoolean alone = new AtomicBoolean(true);
        try (ComputeTeam team = new ComputeTeam(3)) {
            team.run(1000, (piece, worker) -> {
                if (computing.incrementAndGet(worker) != 1) {
                    alone.set(false);
                }
                Thread.yield();
                computing.decrementAndGet(worker);
            });
        }
        assertTrue(alone.get());
    }

    @Test
    void scratchIsMadeOnceAWorkerWhicheverThreadsCall() throws InterruptedException {
        AtomicInteger made = new AtomicInteger();
        try (ComputeTeam team = new ComputeTeam(2)) {
            WorkerScratch<Integer> scratch = new WorkerScratch<>(team, made::incrementAndGet);
            for (int i = 0; i < 5; i++) {
                Thread caller = new Thread(() -> team.run(100, (piece, worker) -> scratch.of(worker)));
                caller.start();
                caller.join();
            }
        }
        assertTrue(made.get() >= 1 && made.get() <= 2, made + " for 2 workers");
    }

    private static void await(CountDownLatch latch) {
        assertDoesNotThrow(() -> latch.await());
    }

    @Test
    void aCheckThrowsWhileTheTeamIsToldToStop() {
        AtomicBoolean cancelled = new AtomicBoolean();
        try (ComputeTeam team = new ComputeTeam(1)) {
            assertDoesNotThrow(team::checkCancelled);
            team.stopWhen(cancelled::get);
            assertDoesNotThrow(team::checkCancelled);
            cancelled.set(true);
            assertThrows(CancellationException.class, team::checkCancelled);
            team.stopNever();
            assertDoesNotThrow(team::checkCancelled);
        }
    }

    @Test
    void aTasksTeamIsNoLargerThanItsJvmHasProcessors() {
        int processors = Runtime.getRuntime().availableProcessors();
        for (int cpus : new int[] {1, processors, processors + 1, 1000}) {
            try (ComputeTeam team = ComputeTeam.forTask(cpus)) {
                assertEquals(cpus == 1 ? 1 : processors, team.threads());
            }
        }
    }

    @Test
    void aLimitedTeamComputesWithFewerThreadsAndAllOfIt() {
        try (ComputeTeam team = new ComputeTeam(4)) {
            for (int limit : new int[] {1, 2, 3, 100}) {
                team.limit(limit);
                assertEquals(4, team.threads());
                int[] computed = new int[1000];
                Set<Integer> workers = ConcurrentHashMap.newKeySet();
                team.run(computed.length, (piece, worker) -> {
                    computed[piece]++;
                    workers.add(worker);
                });
                assertTrue(Arrays.stream(computed).allMatch(count -> count == 1));
                assertTrue(workers.stream().allMatch(worker -> worker < limit), limit + ": " + workers);
            }
            assertThrows(IllegalArgumentException.class, () -> team.limit(0));
        }
    }
}
