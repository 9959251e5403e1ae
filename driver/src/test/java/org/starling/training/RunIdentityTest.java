package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.starling.InputException;
import org.starling.checkpoint.Checkpoint;
import org.starling.model.SlicePlan;

class RunIdentityTest {
    private static final long PARAMETERS = 5_000_000;
    private static final int SLICE_LENGTH = SlicePlan.of(PARAMETERS).sliceLength();
    private static final RunIdentity IDENTITY = new RunIdentity(map("run.seed", "7", "training.batch", "32"));
    private static final SortedMap<String, String> SETTINGS = map("training.epochs", "5");

    private static SortedMap<String, String> map(String... pairs) {
        SortedMap<String, String> map = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }

    private static Checkpoint checkpoint(int sliceLength, SortedMap<String, String> identity) {
        return new Checkpoint(
                Checkpoint.FORMAT_VERSION,
                "1.2.3",
                new TreeSet<>(),
                12,
                3,
                4,
                PARAMETERS,
                sliceLength,
                2,
                identity,
                map("training.epochs", "3"),
                Map.of(),
                null,
                List.of());
    }

    @Test
    void whatMayChangeIsToldAndWhatMakesTheRunIsRefused() {
        SortedMap<String, String> firstVersions = new TreeMap<>(IDENTITY.values());
        firstVersions.put("training.replicas", "2");
        for (SortedMap<String, String> identity : List.of(IDENTITY.values(), firstVersions)) {
            assertEquals(
                    List.of("training.epochs: 3 -> 5"),
                    IDENTITY.requireSame(checkpoint(SLICE_LENGTH, identity), PARAMETERS, SETTINGS));
        }
        Checkpoint other = checkpoint(SLICE_LENGTH, map("run.seed", "8", "training.batch", "32"));
        String message = assertThrows(InputException.class, () -> IDENTITY.requireSame(other, PARAMETERS, SETTINGS))
                .getMessage();
        assertTrue(message.contains(": run.seed: 8 -> 7. "), message);
    }

    /** As versions before this one have cut large vectors. */
    @Test
    void otherSlicesAreRefusedWithTheVersionThatCutThem() {
        Checkpoint other = checkpoint(1 << 16, IDENTITY.values());
        String message = assertThrows(InputException.class, () -> IDENTITY.requireSame(other, PARAMETERS, SETTINGS))
                .getMessage();
        assertTrue(message.contains("slices of 65,536 elements"), message);
        assertTrue(message.contains("slices of 65,520."), message);
        assertTrue(message.contains("(1.2.3)"), message);
    }
}
