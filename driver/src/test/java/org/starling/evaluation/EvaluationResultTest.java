package org.starling.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;

class EvaluationResultTest {
    /** Class 2 never occurs, class 3 is never predicted. */
    private final EvaluationResult result = new EvaluationResult(
            new long[][] {
                {6, 2, 0, 0},
                {1, 3, 1, 0},
                {0, 0, 0, 0},
                {4, 0, 0, 0}
            },
            15,
            8.5,
            Calibration.empty());

    @Test
    void ratesFollowFromTheCounts() {
        assertEquals(17, result.images());
        assertEquals(9, result.correct());
        assertEquals(9.0 / 17, result.top1Accuracy());
        assertEquals(15.0 / 17, result.top5Accuracy());
        assertEquals(0.5, result.loss());
        assertEquals(6.0 / 11, result.precision(0));
        assertEquals(6.0 / 8, result.recall(0));
        double p = 6.0 / 11;
        double r = 6.0 / 8;
        assertEquals(2 * p * r / (p + r), result.f1(0), 1e-15);
    }

    @Test
    void whatIsNotDefinedIsNotANumber() {
        assertTrue(Double.isNaN(result.recall(2)));
        assertEquals(0, result.precision(2));
        assertTrue(Double.isNaN(result.precision(3)));
        assertEquals(0, result.f1(3));
        assertTrue(Double.isNaN(EvaluationResult.empty(2).top1Accuracy()));
        assertTrue(Double.isNaN(EvaluationResult.empty(2).f1(0)));
    }

    @Test
    void resultsOfPartsAddUp() {
        EvaluationResult twice = result.plus(result);
        assertEquals(34, twice.images());
        assertEquals(8, twice.confusion()[3][0]);
        assertEquals(30, twice.top5());
        assertEquals(17, twice.lossSum());
    }

    @Test
    void itTravelsWhole() throws Exception {
        EvaluationResult copy = (EvaluationResult) read(bytes(result));
        assertArrayEquals(result.confusion(), copy.confusion());
        assertEquals(result.top5(), copy.top5());
        assertEquals(result.lossSum(), copy.lossSum());
    }

    /** A thousand classes' zeros would be 8 MB a task. */
    @Test
    void itTravelsWithoutItsZeros() throws Exception {
        EvaluationResult large = EvaluationResult.empty(1000);
        large.confusion()[999][0] = 3;
        byte[] bytes = bytes(large);
        assertTrue(bytes.length < 1000, bytes.length + " bytes");
        assertEquals(3, ((EvaluationResult) read(bytes)).confusion()[999][0]);
    }

    private static byte[] bytes(Object object) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        return bytes.toByteArray();
    }

    private static Object read(byte[] bytes) throws Exception {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            return in.readObject();
        }
    }
}
