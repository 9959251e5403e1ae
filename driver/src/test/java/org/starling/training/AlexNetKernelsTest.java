package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.starling.data.Minibatch;
import org.starling.layers.LayerClock;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration.Kernels;

/** AlexNet trains alike on Winograd's algorithm, on direct convolution, and on stock DL4J, dropout included. */
@Tag("soak")
class AlexNetKernelsTest {
    private static final int STEPS = 20;
    private static final int BATCH = 16;

    /** At 0.01 rounding alone, of direct convolution too, sends runs different ways through the kinks of ReLU: 2e-2 of the distance moved. */
    private static final double LEARNING_RATE = 1e-3;

    private record Run(List<Double> losses, float[] parameters) {}

    private static Run train(SequentialModel model, Kernels kernels, int steps) {
        Minibatch images = StepBenchmark.images(model, BATCH, 3);
        try (StepBenchmark replica = new StepBenchmark(model, kernels, 2, images, 1, LayerClock.NONE)) {
            List<Double> losses = new ArrayList<>();
            for (int step = 0; step < steps; step++) {
                losses.add(replica.trainStep(StepBenchmark.images(model, BATCH, 100 + step), LEARNING_RATE));
            }
            return new Run(losses, replica.parameters());
        }
    }

    private static double distance(float[] a, float[] b) {
        double square = 0;
        for (int i = 0; i < a.length; i++) {
            square += (double) (a[i] - b[i]) * (a[i] - b[i]);
        }
        return Math.sqrt(square);
    }

    @Test
    void twentyStepsGoTheSameWay() {
        SequentialModel model = SequentialModel.read(
                new Path("../conf/models/alexnet.json"), new Configuration(), ModelOptions.DEFAULT);
        float[] start = train(model, Kernels.STARLING, 0).parameters();
        Run stock = train(model, Kernels.STOCK, STEPS);
        double moved = distance(start, stock.parameters());
        for (Kernels kernels : List.of(Kernels.STARLING, Kernels.DIRECT)) {
            Run ours = train(model, kernels, STEPS);
            for (int step = 0; step < STEPS; step++) {
                double expected = stock.losses().get(step);
                assertEquals(expected, ours.losses().get(step), 0.01 * expected, kernels + ", loss of step " + step);
            }
            double apart = distance(stock.parameters(), ours.parameters());
            System.out.println(kernels + ": parameters apart by " + apart / moved + " of the distance moved, losses "
                    + ours.losses().get(STEPS - 1) + " and " + stock.losses().get(STEPS - 1));
            assertTrue(apart <= 1e-2 * moved, kernels + ": apart by " + apart + ", moved " + moved);
        }
    }
}
