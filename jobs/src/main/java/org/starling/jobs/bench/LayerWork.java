package org.starling.jobs.bench;

import java.util.List;
import java.util.stream.IntStream;
import org.starling.model.LayerSummary;
import org.starling.model.SequentialModel;

/**
 * The arithmetic of one layer in one step, counted as direct multiply-adds of two operations each, however it is computed. Backward,
 * there are as many for the filters' gradient, and again for the gradient of the layer's input, which a model's first layer does not
 * need.
 *
 * @param name in the model file
 * @param type Keras's class name
 * @param forward operations, 0 where a layer multiplies nothing
 * @param backward operations
 */
record LayerWork(String name, String type, long forward, long backward) {
    private static final int OPERATIONS = 2;

    /** In the order of the model. */
    static List<LayerWork> of(SequentialModel model, int batch) {
        List<LayerSummary> layers = model.layers();
        return IntStream.range(0, layers.size())
                .mapToObj(i -> {
                    LayerSummary layer = layers.get(i);
                    long forward = OPERATIONS * layer.multiplyAdds() * batch;
                    return new LayerWork(layer.name(), layer.type(), forward, i == 0 ? forward : 2 * forward);
                })
                .toList();
    }
}
