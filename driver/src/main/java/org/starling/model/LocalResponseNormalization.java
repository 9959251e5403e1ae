package org.starling.model;

import java.util.List;

/**
 * Local response normalization across channels (Krizhevsky et al. 2012, section 3.3):
 * {@code b_i = a_i / (k + alpha sum_j a_j^2)^beta}, j from {@code i - n/2} to {@code i + n/2} within the channels. alpha is not
 * divided by n.
 */
record LocalResponseNormalization(String name, Activations output, double k, int n, double alpha, double beta)
        implements SequentialLayer {

    static LocalResponseNormalization read(LayerArguments arguments, Activations input, ModelFormat format) {
        format.requireMaps(arguments, input);
        int n = arguments.positiveInteger("n", 5);
        if (n % 2 == 0) {
            throw arguments.error(
                    "n is %d, but must be odd: the formula sums over as many channels on either side.".formatted(n));
        }
        double k = arguments.number("k", 2);
        double alpha = arguments.number("alpha", 1e-4);
        double beta = arguments.number("beta", 0.75);
        if (!(k > 0) || alpha < 0 || beta < 0) {
            throw arguments.error("k = %s, alpha = %s, beta = %s, but k must be above 0, alpha and beta at least 0."
                    .formatted(k, alpha, beta));
        }
        return new LocalResponseNormalization(arguments.name(), input, k, n, alpha, beta);
    }

    @Override
    public String type() {
        return "LocalResponseNormalization";
    }

    @Override
    public long keptPerImage() {
        return output.length();
    }

    /** ONNX divides alpha by n. */
    @Override
    public void translate(OnnxGraph graph) {
        graph.apply(
                name,
                "LRN",
                List.of(),
                OnnxGraph.integer("size", n),
                OnnxGraph.real("alpha", n * alpha),
                OnnxGraph.real("beta", beta),
                OnnxGraph.real("bias", k));
    }

    @Override
    public void translate(Translation translation) {
        // DL4J fails on a window that reaches beyond all channels; the sum is the same with one that just covers them.
        int covering = Math.min(n, 2 * output.channels() - 1);
        translation.add(new org.deeplearning4j.nn.conf.layers.LocalResponseNormalization.Builder(k, alpha, beta)
                .n(covering)
                .dataFormat(translation.format())
                .name(name)
                .build());
    }
}
