package org.starling.jobs.bench.averaging;

import org.starling.InputException;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;

/**
 * A network of a given number of parameters that costs little to train: two dense layers, {@code hidden (inputs + 1 + classes) + classes}
 * parameters.
 *
 * @param inputs values of an image, which has one row and one channel
 * @param hidden width of the first layer
 * @param classes width of the second, at least 2
 */
record AveragingNetwork(int inputs, int hidden, int classes) {
    /** Below, no two layers may have the number. */
    static final int FEWEST = 100;

    /** AlexNet's layers are as wide. Narrower ones would need images of millions of values. */
    private static final int WIDEST = 4096;

    /**
     * The network of that many parameters whose first layer is the widest.
     *
     * @throws InputException when there is none
     */
    static AveragingNetwork of(long parameters) {
        if (parameters < FEWEST || parameters > Integer.MAX_VALUE) {
            throw new InputException(
                    "--parameters %,d cannot be used; expected is a number from %d, which two layers have for certain, to %,d, which a network holds."
                            .formatted(parameters, FEWEST, Integer.MAX_VALUE));
        }
        int count = (int) parameters;
        for (int hidden = Math.min(WIDEST, count); hidden > 1; hidden--) {
            int classes = count % hidden;
            int inputs = count / hidden - 1 - classes;
            if (classes >= 2 && inputs >= 1) {
                return new AveragingNetwork(inputs, hidden, classes);
            }
        }
        throw new IllegalStateException("no network of " + count + " parameters");
    }

    SequentialModel model() {
        String json =
                """
                {"class_name": "Sequential", "config": {"name": "averaging", "layers": [
                  {"class_name": "InputLayer", "config": {"name": "input", "batch_input_shape": [null, 1, %d, 1], "dtype": "float32"}},
                  {"class_name": "Flatten", "config": {"name": "flatten"}},
                  {"class_name": "Dense", "config": {"name": "hidden", "units": %d, "activation": "relu"}},
                  {"class_name": "Dense", "config": {"name": "scores", "units": %d, "activation": "softmax"}}]}}
                """
                        .formatted(inputs, hidden, classes);
        return SequentialModel.parse(json, "the benchmark's network", ModelOptions.DEFAULT);
    }
}
