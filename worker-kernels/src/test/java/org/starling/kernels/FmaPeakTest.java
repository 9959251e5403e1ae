package org.starling.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FmaPeakTest {
    /** An operation more or less than counted would change the sum, which is exact below 2^24. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 4096})
    void aLoopDoesAsManyMultiplyAddsAsAreCounted(int times) {
        FmaLoop loop = FmaPeak.loop();
        float sumOfOneLane = loop.run(times, 3, 0.5f);
        assertEquals(2 * sumOfOneLane / 1.5f * loop.lanes(), FmaPeak.operations(loop, times));
    }

    @Test
    void theLoopIsAsWideAsTheKernels() {
        String kernels = KernelProvider.get().name();
        int lanes = kernels.equals("scalar") ? 1 : Integer.parseInt(kernels.replace("vector-", "")) / 32;
        assertEquals(lanes, FmaPeak.loop().lanes());
    }

    @Test
    void thePeakIsAFiniteRateAndTheTeamCanBeUsedAfterwards() {
        try (ComputeTeam team = new ComputeTeam(2)) {
            double peak = FmaPeak.measure(team);
            assertTrue(peak > 0, () -> "peak " + peak);
            assertFalse(Double.isInfinite(peak));
            boolean[] ran = new boolean[3];
            team.run(3, piece -> ran[piece] = true);
            assertTrue(ran[0] && ran[1] && ran[2]);
        }
    }
}
