package org.starling.model;

/** The layers of Keras that Starling has, by class name. */
final class SupportedLayers {
    private static final String NAMES =
            "InputLayer, Conv2D, MaxPooling2D, AveragePooling2D, GlobalAveragePooling2D, Flatten, Dense,"
                    + " Dropout, Activation, ReLU, Softmax, ZeroPadding2D, BatchNormalization and Starling>LocalResponseNormalization";

    private SupportedLayers() {}

    /**
     * Reads one layer and refuses every argument that it does not know.
     *
     * @param input shape of the activations before it
     */
    static SequentialLayer read(LayerArguments arguments, Activations input, ModelFormat format) {
        try {
            SequentialLayer layer = readArguments(arguments, input, format);
            arguments.refuseOthers();
            Math.toIntExact(layer.output().length());
            layer.weights().forEach(array -> array.layout().length());
            return layer;
        } catch (ArithmeticException e) {
            throw arguments.error("it is too large: an array may hold %,d values.".formatted(Integer.MAX_VALUE));
        }
    }

    private static SequentialLayer readArguments(LayerArguments arguments, Activations input, ModelFormat format) {
        return switch (arguments.type()) {
            case "Flatten" -> Flatten.read(arguments, input, format);
            case "Dense" -> Dense.read(arguments, input);
            case "Dropout" -> Dropout.read(arguments, input);
            case "Activation" -> ActivationLayer.read(arguments, input);
            case "ReLU" -> ReLU.read(arguments, input);
            case "Softmax" -> ActivationLayer.readSoftmax(arguments, input);
            case "BatchNormalization" -> BatchNormalization.read(arguments, input, format);
            case "Conv2D" -> Conv2D.read(arguments, input, format);
            case "MaxPooling2D" -> Pooling2D.read(arguments, input, format, true);
            case "AveragePooling2D" -> Pooling2D.read(arguments, input, format, false);
            case "GlobalAveragePooling2D" -> GlobalAveragePooling2D.read(arguments, input, format);
            case "ZeroPadding2D" -> ZeroPadding2D.read(arguments, input, format);
            case "LocalResponseNormalization" -> LocalResponseNormalization.read(arguments, input, format);
            default -> throw arguments.error("this layer is not supported. Supported are %s.".formatted(NAMES));
        };
    }
}
