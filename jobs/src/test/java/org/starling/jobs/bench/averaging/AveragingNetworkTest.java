package org.starling.jobs.bench.averaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.starling.InputException;

class AveragingNetworkTest {
    /** Weights and biases of two dense layers. */
    private static void holds(long parameters) {
        AveragingNetwork network = AveragingNetwork.of(parameters);
        long first = (long) network.inputs() * network.hidden() + network.hidden();
        long second = (long) network.hidden() * network.classes() + network.classes();
        assertEquals(parameters, first + second, network.toString());
        assertTrue(network.inputs() >= 1 && network.hidden() >= 1 && network.classes() >= 2, network.toString());
    }

    @Test
    void everyNumberHasANetwork() {
        LongStream.rangeClosed(100, 50_000).forEach(AveragingNetworkTest::holds);
        new SplittableRandom(1).longs(20_000, 50_000, 1L << 31).forEach(AveragingNetworkTest::holds);
        LongStream.of(62_378_344, Integer.MAX_VALUE).forEach(AveragingNetworkTest::holds);
    }

    @Test
    void theModelHasTheParameters() {
        for (long parameters : new long[] {100, 101, 20_000, 999_983, 62_378_344}) {
            assertEquals(parameters, AveragingNetwork.of(parameters).model().parameterCount());
        }
    }

    @Test
    void numbersWithoutANetworkAreRefused() {
        for (long parameters : new long[] {-1, 0, 99, 1L << 31}) {
            String message = assertThrows(InputException.class, () -> AveragingNetwork.of(parameters))
                    .getMessage();
            assertTrue(message.contains("--parameters") && message.contains("from 100"), message);
        }
    }
}
