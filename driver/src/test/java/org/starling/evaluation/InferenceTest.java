package org.starling.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.starling.data.Minibatch;
import org.starling.kernels.ComputeTeam;
import org.starling.layers.StarlingLayers;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;

class InferenceTest {
    private static final int LENGTH = 4 * 4 * 3;

    /** What DL4J gives out for these is what it was given. */
    @ParameterizedTest
    @CsvSource({"Flatten, ''", "Dropout, ', \"rate\": 0.5'", "Activation, ', \"activation\": \"linear\"'"})
    void aFirstLayerThatChangesNothingGivesEachMinibatchAsItIs(String type, String settings) {
        SequentialModel model = SequentialModel.parse(
                """
                {"class_name": "Sequential", "config": {"name": "small", "layers": [
                  {"class_name": "%s", "config": {"name": "first", "batch_input_shape": [null, 4, 4, 3]%s}},
                  {"class_name": "Flatten", "config": {"name": "flat"}},
                  {"class_name": "Dense", "config": {"name": "scores", "units": 2, "activation": "softmax"}}]}}
                """
                        .formatted(type, settings),
                "test",
                ModelOptions.DEFAULT);
        MultiLayerNetwork network = new MultiLayerNetwork(model.toDl4j(1, "first"));
        network.init();
        try (ComputeTeam team = new ComputeTeam(1);
                Inference inference = new Inference(network, model.input(), StarlingLayers.install(network, team))) {
            for (int size : new int[] {2, 2, 1, 2}) {
                float[] features = new float[size * LENGTH];
                for (int i = 0; i < features.length; i++) {
                    features[i] = i + size;
                }
                assertArrayEquals(features, inference.output(new Minibatch(features, new int[size], size)));
            }
        }
    }
}
