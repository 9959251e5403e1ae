package org.starling.jobs.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.starling.layers.LayerClock.Pass;

class LayerTimesTest {
    @Test
    void onlyWhatHappensInATimedStepCounts() {
        LayerTimes times = new LayerTimes();
        times.took("conv", Pass.FORWARD, 7);
        times.beginStep();
        times.took("conv", Pass.FORWARD, 1_000_000_000);
        times.took("conv", Pass.BACKWARD, 2_000_000_000);
        times.endStep();
        times.took("conv", Pass.FORWARD, 9);
        times.beginStep();
        times.took("conv", Pass.FORWARD, 3_000_000_000L);
        times.endStep();
        assertEquals(
                List.of(1.0, 3.0), times.of("conv", Pass.FORWARD).orElseThrow().values());
        assertEquals(List.of(2.0), times.of("conv", Pass.BACKWARD).orElseThrow().values());
        assertTrue(times.of("pool", Pass.FORWARD).isEmpty());
    }
}
