package org.starling.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.starling.model.KerasText.FLATTEN;
import static org.starling.model.KerasText.HEAD;
import static org.starling.model.KerasText.layer;
import static org.starling.model.KerasText.model;
import static org.starling.model.KerasText.parse;

import java.util.List;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Where DL4J keeps what Keras shows, seen by setting the flat vector to its own indices. */
class KernelLayoutTest {
    private final SequentialModel model = parse(model(
            "5,6,3",
            layer("Conv2D", "conv", "'filters':4,'kernel_size':[2,3]"),
            layer("Conv2D", "bare", "'filters':2,'kernel_size':1,'use_bias':false"),
            layer("BatchNormalization", "norm", ""),
            FLATTEN,
            HEAD));
    private final MultiLayerNetwork network = new MultiLayerNetwork(model.toDl4j(1));

    KernelLayoutTest() {
        network.init(
                Nd4j.arange(model.parameterCount())
                        .castTo(network.getLayerWiseConfigurations().getDataType())
                        .reshape(1, model.parameterCount()),
                false);
    }

    private ParameterTensor tensor(String name) {
        return model.parameters().stream()
                .filter(tensor -> tensor.fullName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void tensorsStandInTheOrderOfDl4jsFlatVector() {
        assertEquals(
                List.of(
                        "conv/bias",
                        "conv/kernel",
                        "bare/kernel",
                        "norm/gamma",
                        "norm/beta",
                        "norm/moving_mean",
                        "norm/moving_variance",
                        "head/kernel",
                        "head/bias"),
                model.parameters().stream().map(ParameterTensor::fullName).toList());
        String[] dl4j = {"0_b", "0_W", "1_W", "2_gamma", "2_beta", "2_mean", "2_var", "3_W", "3_b"};
        for (int i = 0; i < dl4j.length; i++) {
            INDArray array = network.getParam(dl4j[i]);
            ParameterTensor tensor = model.parameters().get(i);
            assertEquals(tensor.length(), array.length(), tensor.fullName());
            assertEquals(tensor.offset(), array.minNumber().longValue(), tensor.fullName());
        }
    }

    @Test
    void convolutionKernelIsHeightWidthInOut() {
        ParameterTensor kernel = tensor("conv/kernel");
        KernelLayout layout = model.layout(kernel);
        assertEquals(List.of(2, 3, 3, 4), layout.shape());
        INDArray dl4j = network.getParam("0_W");
        long k = 0;
        for (int h = 0; h < 2; h++) {
            for (int w = 0; w < 3; w++) {
                for (int in = 0; in < 3; in++) {
                    for (int out = 0; out < 4; out++) {
                        assertEquals(dl4j.getDouble(out, in, h, w), kernel.offset() + layout.position(k), "index " + k);
                        assertEquals(k, layout.kerasIndex(layout.position(k)));
                        k++;
                    }
                }
            }
        }
    }

    @Test
    void denseKernelIsInOut() {
        ParameterTensor kernel = tensor("head/kernel");
        KernelLayout layout = model.layout(kernel);
        assertEquals(List.of(4 * 4 * 2, 3), layout.shape());
        INDArray dl4j = network.getParam("3_W");
        for (int k = 0; k < kernel.length(); k++) {
            assertEquals(dl4j.getDouble(k / 3, k % 3), kernel.offset() + layout.position(k));
            assertEquals(k, layout.kerasIndex(layout.position(k)));
        }
    }

    @Test
    void rolesSayWhatTrainingMayTouch() {
        assertEquals(ParameterTensor.Role.KERNEL, tensor("conv/kernel").role());
        assertEquals(ParameterTensor.Role.BIAS, tensor("conv/bias").role());
        assertEquals(ParameterTensor.Role.BIAS, tensor("norm/gamma").role());
        assertEquals(
                ParameterTensor.Role.RUNNING_STATISTIC,
                tensor("norm/moving_variance").role());
    }

    @Test
    void otherRanksDoNotExist() {
        assertThrows(IllegalArgumentException.class, () -> new KernelLayout(List.of(1, 2, 3)));
    }
}
