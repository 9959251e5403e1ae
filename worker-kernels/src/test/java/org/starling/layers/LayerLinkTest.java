package org.starling.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.junit.jupiter.api.Test;
import org.starling.kernels.ComputeTeam;

class LayerLinkTest {
    @Test
    void aMinibatchThatNoArrayHoldsIsRefusedWithItsLayer() {
        try (ComputeTeam team = new ComputeTeam(1)) {
            LayerLink link = new LayerLink("conv1", 0, new NetworkBuffers(), team, LayerClock.NONE);
            assertEquals(
                    "layer conv1: a minibatch of 3000000000 values is more than an array holds, at most 2147483639."
                            + " Take a smaller batch.",
                    assertThrows(DL4JInvalidInputException.class, () -> link.outputBuffer(3_000_000_000L, true))
                            .getMessage());
        }
    }
}
