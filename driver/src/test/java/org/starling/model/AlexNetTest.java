package org.starling.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.factory.Nd4j;

/** The two models that come with the project. */
class AlexNetTest {
    private static SequentialModel model(String file) {
        return SequentialModel.read(
                new Path("file:"
                        + java.nio.file.Path.of("../conf/models/" + file).toAbsolutePath()),
                new Configuration(false),
                ModelOptions.DEFAULT);
    }

    @Test
    void smallModelStaysWithinItsBudget() {
        SequentialModel model = model("alexnet-small.json");
        assertTrue(model.multiplyAdds() <= 3_000_000, "multiply-adds " + model.multiplyAdds());
        assertTrue(model.parameterCount() <= 500_000, "parameters " + model.parameterCount());
        assertEquals(10, model.classes());
    }

    @Test
    void smallModelRunsInStockDl4jWithInitialValuesOfEveryPart() {
        SequentialModel model = model("alexnet-small.json");
        MultiLayerNetwork network = new MultiLayerNetwork(model.toDl4j(1));
        float[] values = new float[(int) model.parameterCount()];
        model.initialize(7, 0, values);
        network.init(Nd4j.create(values, new long[] {1, values.length}), false);
        assertEquals(model.parameterCount(), network.numParams());
        double[] sums = network.output(Nd4j.rand(4, 28, 28, 1)).sum(1).toDoubleVector();
        for (double sum : sums) {
            assertEquals(1, sum, 1e-5);
        }
        assertEquals(List.of(10), model.layers().get(model.layers().size() - 1).output());
    }

    @Test
    void alexnetHasTheParametersOfThePaper() {
        assertEquals(62_378_344, model("alexnet.json").parameterCount());
    }
}
