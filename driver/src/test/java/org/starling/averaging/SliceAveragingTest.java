package org.starling.averaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.starling.averaging.OuterOptimizer.OuterNesterov;
import org.starling.averaging.OuterStep.Span;
import org.starling.model.Slice;
import org.starling.model.SlicePlan;

/** One averaging partition, two replicas, vectors of 5 elements in slices of 3. */
class SliceAveragingTest {
    private static final int PARAMETERS = Slice.PARAMETERS;
    private static final int LOCAL = 1;
    private static final int MOMENTUM = 2;
    private static final SlicePlan SLICES = new SlicePlan(5, 3);

    private static OuterStep nesterov(Span... statistics) {
        return new OuterStep(SLICES, new OuterNesterov(0.5, 0.5), MOMENTUM, null, false, null, List.of(statistics));
    }

    private static Slice slice(int vector, int index, int replica, float... values) {
        return Slice.of(vector, index, replica, values, values.length);
    }

    private static Slice encoded(ChangeFormat format, int replica, float... change) {
        return Slice.ofBytes(PARAMETERS, 0, replica, format.encode(change));
    }

    private static Iterator<byte[]> bytes(Slice... slices) {
        return Stream.of(slices).map(Slice::bytes).iterator();
    }

    /** Slices by name, as {@code vector/index/replica [values]}; records as {@code vector}. */
    private static List<String> names(Iterator<byte[]> partition) {
        List<String> names = new ArrayList<>();
        partition.forEachRemaining(bytes -> {
            Slice s = new Slice(bytes);
            names.add(
                    s.vector() < 0
                            ? "" + s.vector()
                            : s.vector() + "/" + s.index() + "/" + s.replica() + " "
                                    + java.util.Arrays.toString(s.toFloats()));
        });
        return names;
    }

    private static Iterator<byte[]> contributions() {
        return bytes(
                slice(PARAMETERS, 1, 1, 8, 8),
                slice(LOCAL, 0, 1, 5, 5, 5),
                slice(PARAMETERS, 0, 1, 4, 4, 4),
                slice(PARAMETERS, 0, 0, 0, 0, 0),
                slice(PARAMETERS, 1, 0, 0, 0));
    }

    private static Iterator<byte[]> state() {
        return bytes(
                slice(PARAMETERS, 0, Slice.SHARED, 1, 2, 3),
                slice(PARAMETERS, 1, Slice.SHARED, 4, 5),
                slice(MOMENTUM, 0, Slice.SHARED, 2, 2, 2),
                slice(LOCAL, 0, 1, 9, 9, 9));
    }

    /** Means 3 and 6; x - mean = -2, -1, 0 with momentum 2, and -2, -1 without: u = u / 2 + change, x - (change + u / 2) / 2. */
    @Test
    void theStepGoesFromTheOldParametersByTheMeanAndKeepsItsMomentum() {
        SliceAveraging averaging = new SliceAveraging(1, new long[] {1, 3});
        assertEquals(
                List.of(
                        "0/0/-1 [2.25, 2.5, 2.75]",
                        "0/1/-1 [5.5, 5.75]",
                        "2/0/-1 [-1.0, 0.0, 1.0]",
                        "2/1/-1 [-2.0, -1.0]",
                        "-2",
                        "1/0/1 [5.0, 5.0, 5.0]"),
                names(averaging.average(contributions(), state(), nesterov())));
    }

    @Test
    void statisticsTakeTheirMean() {
        SliceAveraging averaging = new SliceAveraging(1, new long[] {1, 3});
        List<String> next = names(averaging.average(contributions(), state(), nesterov(new Span(2, 2))));
        assertEquals("0/0/-1 [2.25, 2.5, 3.0]", next.get(0));
        assertEquals("0/1/-1 [6.0, 5.75]", next.get(1));
        assertEquals("2/0/-1 [-1.0, 0.0, 0.0]", next.get(2));
        assertEquals("2/1/-1 [0.0, -1.0]", next.get(3));
    }

    /** Of the old parameters at first, with weights 1/4 and 3/4; the mean without an outer optimizer. */
    @Test
    void theMovingAverageIsKeptBesideTheParametersAndBeginsWithTheOldOnes() {
        SliceAveraging averaging = new SliceAveraging(1, new long[] {1, 3});
        OuterStep step = new OuterStep(SLICES, null, MOMENTUM, new MovingAverage(3, 0.25), false, null, List.of());
        Iterator<byte[]> state = bytes(
                slice(PARAMETERS, 0, Slice.SHARED, 1, 2, 3),
                slice(PARAMETERS, 1, Slice.SHARED, 4, 5),
                slice(3, 0, Slice.SHARED, 7, 7, 7));
        assertEquals(
                List.of(
                        "0/0/-1 [3.0, 3.0, 3.0]",
                        "0/1/-1 [6.0, 6.0]",
                        "3/0/-1 [4.0, 4.0, 4.0]",
                        "3/1/-1 [5.5, 5.75]",
                        "-2",
                        "1/0/1 [5.0, 5.0, 5.0]"),
                names(averaging.average(contributions(), state, step)));
    }

    @Test
    void theFirstRoundsForgetFaster() {
        assertEquals(2.0 / 11, MovingAverage.inRound(1, 0.9, 3).decay());
        assertEquals(0.5, MovingAverage.inRound(8, 0.9, 3).decay());
        assertEquals(0.9, MovingAverage.inRound(81, 0.9, 3).decay());
    }

    @Test
    void withoutExamplesNothingChanges() {
        SliceAveraging averaging = new SliceAveraging(1, new long[] {0, 0});
        List<String> before = names(state());
        assertEquals(before, names(averaging.average(bytes(slice(LOCAL, 0, 1, 9, 9, 9)), state(), nesterov())));
    }

    /** Old parameters 1, 2, 3; changes 0 and 4 with weights 1 and 3. */
    @Test
    void changesAreDecodedAveragedAndAddedToTheOldParameters() {
        SliceAveraging averaging = new SliceAveraging(1, new long[] {1, 3});
        for (ChangeFormat format : ChangeFormat.values()) {
            OuterStep step = new OuterStep(SLICES, null, MOMENTUM, null, true, format, List.of());
            Slice still = encoded(format, 0, 0, 0, 0);
            Slice moved = encoded(format, 1, 4, 4, 4);
            assertEquals(
                    List.of("0/0/-1 [4.0, 5.0, 6.0]", "-2"),
                    names(averaging.average(bytes(still, moved), state(), step)));
            assertEquals(
                    List.of(new AveragingReport(AveragingReport.NONE, true, 9)),
                    reports(averaging.average(bytes(still, moved), state(), step)));
        }
    }

    /** Means 3 (of 0 and 4, weights 1 and 3) in three places and 6 (of 0 and 8) in two: (9 + 3) / 4 and (36 + 12) / 4 a place. */
    @Test
    void theReplicasVarianceIsTheirWeightedSquaredDistanceFromTheirMean() {
        SliceAveraging averaging = new SliceAveraging(1, new long[] {1, 3});
        OuterStep step = new OuterStep(SLICES, null, MOMENTUM, null, true, null, List.of());
        assertEquals(
                List.of(new AveragingReport(AveragingReport.NONE, true, 3 * 3 + 2 * 12)),
                reports(averaging.average(contributions(), state(), step)));
    }

    private static List<AveragingReport> reports(Iterator<byte[]> partition) {
        List<AveragingReport> reports = new ArrayList<>();
        partition.forEachRemaining(bytes -> {
            Slice slice = new Slice(bytes);
            if (AveragingReport.isIn(slice)) {
                reports.add(AveragingReport.of(slice));
            }
        });
        return reports;
    }

    @Test
    void parametersThatAreNotFiniteAreReported() {
        SliceAveraging averaging = new SliceAveraging(1, new long[] {1, 1});
        for (float far : new float[] {1, -3e38f}) {
            Iterator<byte[]> state = bytes(slice(PARAMETERS, 0, Slice.SHARED, far));
            Iterator<byte[]> next = averaging.average(
                    bytes(slice(PARAMETERS, 0, 0, 3e38f), slice(PARAMETERS, 0, 1, 3e38f)), state, nesterov());
            List<AveragingReport> reports = reports(next);
            assertEquals(1, reports.size());
            assertEquals(far > 0, reports.get(0).finite());
            assertEquals(AveragingReport.NONE, reports.get(0).diverged());
        }
    }

    @Test
    void aPartitionWithoutTheParametersIsNoticed() {
        SliceAveraging averaging = new SliceAveraging(1, new long[] {1, 3});
        Iterator<byte[]> next = averaging.average(contributions(), bytes(), nesterov());
        assertTrue(assertThrows(IllegalStateException.class, next::next)
                .getMessage()
                .contains("slice 0"));
    }

    @Test
    void withoutAStepTheMeanIsAll() {
        SliceAveraging averaging = new SliceAveraging(1, new long[] {1, 3});
        List<String> next = names(averaging.average(contributions()));
        assertArrayEquals(
                new String[] {"0/0/-1 [3.0, 3.0, 3.0]", "0/1/-1 [6.0, 6.0]", "-2", "1/0/1 [5.0, 5.0, 5.0]"},
                next.toArray());
    }

    /** In what is averaged, and in what a replica keeps for itself. */
    @Test
    void aReplicaWhoseNumbersAreNotFiniteIsNamed() {
        SliceAveraging averaging = new SliceAveraging(1, new long[] {1, 3});
        for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
            for (int diverged : new int[] {0, 1}) {
                float[] values = {diverged == 0 ? bad : 1, diverged == 1 ? bad : 1};
                Iterator<byte[]> parameters =
                        bytes(slice(PARAMETERS, 0, 0, values[0], 1), slice(PARAMETERS, 0, 1, 1, values[1]));
                assertEquals(diverged, diverged(averaging.average(parameters)));
                Iterator<byte[]> own = bytes(
                        slice(PARAMETERS, 0, 0, 1), slice(PARAMETERS, 0, 1, 1), slice(LOCAL, 0, diverged, 1, bad));
                assertEquals(diverged, diverged(averaging.average(own)));
            }
        }
        assertEquals(AveragingReport.NONE, diverged(averaging.average(contributions())));
    }

    private static int diverged(Iterator<byte[]> partition) {
        return reports(partition).get(0).diverged();
    }

    /** Infinities of both signs, whose mean is undefined: the first of them. */
    @Test
    void theFirstReplicaOfSeveralIsNamed() {
        SliceAveraging averaging = new SliceAveraging(1, new long[] {1, 1, 1});
        Iterator<byte[]> next = averaging.average(bytes(
                slice(PARAMETERS, 0, 2, Float.NEGATIVE_INFINITY),
                slice(PARAMETERS, 0, 1, Float.POSITIVE_INFINITY),
                slice(PARAMETERS, 0, 0, 1)));
        assertEquals(1, diverged(next));
    }

    @Test
    void aFormatKeepsWhatIsNotFinite() {
        SliceAveraging averaging = new SliceAveraging(1, new long[] {1, 3});
        for (ChangeFormat format : ChangeFormat.values()) {
            OuterStep step = new OuterStep(SLICES, null, MOMENTUM, null, false, format, List.of());
            Slice still = encoded(format, 0, 0, 0, 0);
            Slice lost = encoded(format, 1, 4, Float.NaN, 4);
            assertEquals(1, diverged(averaging.average(bytes(still, lost), state(), step)));
        }
    }
}
