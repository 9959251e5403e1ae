package org.starling.kernels;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
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
}
