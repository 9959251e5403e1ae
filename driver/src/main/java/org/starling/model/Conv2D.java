package org.starling.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import onnx.Onnx.AttributeProto;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.starling.kernels.conv.ConvolutionShape;

/** tf.keras.layers.Conv2D: cross-correlation of maps with a kernel {@code {height, width, in, out}}. */
record Conv2D(
        String name,
        Window window,
        Activations input,
        Activations output,
        List<WeightArray> weights,
        ActivationFunction activation)
        implements SequentialLayer, WithActivation {

    static Conv2D read(LayerArguments arguments, Activations input, ModelFormat format) {
        format.require(arguments, input);
        int filters = arguments.positiveInteger("filters");
        Window window = new Window(
                arguments.pair("kernel_size"),
                arguments.pair("strides", 1, 1),
                arguments.pair("dilation_rate", 1, 1),
                arguments.samePadding());
        arguments.refuseUnless("groups", "1", "use 1.");
        refuseStrideWithDilation(window, arguments);
        window.refuseLargerThan(input, arguments);
        if (format.remainder() == ConvolutionRemainder.ERROR) {
            window.refuseRemainder(input, arguments);
        }
        KernelLayout layout =
                new KernelLayout(List.of(window.kernel()[0], window.kernel()[1], input.channels(), filters));
        // DL4J's flat vector holds a convolution's bias before its kernel.
        List<WeightArray> weights = new ArrayList<>();
        WeightArray kernel = Dense.kernel(arguments, layout);
        Dense.bias(arguments, filters).ifPresent(weights::add);
        weights.add(kernel);
        return new Conv2D(
                arguments.name(),
                window,
                input,
                window.over(input, filters),
                List.copyOf(weights),
                ActivationFunction.of(arguments));
    }

    private static void refuseStrideWithDilation(Window window, LayerArguments arguments) {
        boolean strided = window.stride()[0] != 1 || window.stride()[1] != 1;
        boolean dilated = window.dilation()[0] != 1 || window.dilation()[1] != 1;
        if (strided && dilated) {
            throw arguments.error(
                    "strides (%d, %d) and dilation_rate (%d, %d) cannot both differ from 1, as in tf.keras. Set one of them to 1."
                            .formatted(
                                    window.stride()[0],
                                    window.stride()[1],
                                    window.dilation()[0],
                                    window.dilation()[1]));
        }
    }

    @Override
    public String type() {
        return "Conv2D";
    }

    @Override
    public Conv2D linear() {
        return new Conv2D(name, window, input, output, weights, ActivationFunction.LINEAR);
    }

    @Override
    public long multiplyAdds() {
        return output.length() * window.kernel()[0] * window.kernel()[1] * input.channels();
    }

    /** im2col on the way forward; again, for the filter's gradient, and its counterpart for the input's, on the way back. */
    @Override
    public long scratchPerImage() {
        return 3L * output.height() * output.width() * window.kernel()[0] * window.kernel()[1] * input.channels();
    }

    @Override
    public Optional<ConvolutionShape> convolution(int images) {
        return Optional.of(new ConvolutionShape(
                images,
                input.height(),
                input.width(),
                input.channels(),
                output.channels(),
                window.kernel()[0],
                window.kernel()[1],
                window.stride()[0],
                window.stride()[1],
                window.padding(0, input.height()) / 2,
                window.padding(1, input.width()) / 2,
                window.dilation()[0],
                window.dilation()[1],
                output.height(),
                output.width()));
    }

    @Override
    public long keptPerImage() {
        return output.length();
    }

    @Override
    public void translate(OnnxGraph graph) {
        List<AttributeProto> attributes = new ArrayList<>(window.onnx(input));
        attributes.add(OnnxGraph.integers("dilations", window.dilation()[0], window.dilation()[1]));
        graph.apply(name, "Conv", Dense.kernelFirst(name, weights, graph), attributes.toArray(AttributeProto[]::new));
        activation.translate(name, graph);
    }

    @Override
    public void translate(Translation translation) {
        window.cutUnused(name, input, translation);
        translation.add(new ConvolutionLayer.Builder(window.kernel(), window.stride())
                .dilation(window.dilation())
                .convolutionMode(window.mode())
                .dataFormat(translation.format())
                .nOut(output.channels())
                .hasBias(weights.size() == 2)
                .activation(activation.dl4j())
                .name(name)
                .build());
    }
}
