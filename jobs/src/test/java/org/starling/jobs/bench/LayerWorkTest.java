package org.starling.jobs.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.starling.jobs.cluster.Checkout;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;

/** AlexNet's layers (Krizhevsky 2012, without groups): output height x width x filters x kernel height x width x channels. */
class LayerWorkTest {
    private static final SequentialModel ALEXNET = SequentialModel.read(
            new Path(Checkout.ROOT.resolve("conf/models/alexnet.json").toUri()),
            new Configuration(),
            ModelOptions.DEFAULT);

    private static Map<String, LayerWork> work(int batch) {
        return LayerWork.of(ALEXNET, batch).stream().collect(Collectors.toMap(LayerWork::name, Function.identity()));
    }

    private static void assertWork(LayerWork work, long forward, long backward) {
        assertEquals(List.of(forward, backward), List.of(work.forward(), work.backward()), work.name());
    }

    @Test
    void aMultiplyAddIsTwoOperationsAndBackwardThereAreTwiceAsMany() {
        Map<String, LayerWork> work = work(1);
        assertWork(work.get("CONV2"), 2L * 27 * 27 * 256 * 5 * 5 * 96, 4L * 27 * 27 * 256 * 5 * 5 * 96);
        assertWork(work.get("CONV3"), 2L * 13 * 13 * 384 * 3 * 3 * 256, 4L * 13 * 13 * 384 * 3 * 3 * 256);
        assertWork(work.get("CONV5"), 2L * 13 * 13 * 256 * 3 * 3 * 384, 4L * 13 * 13 * 256 * 3 * 3 * 384);
        assertWork(work.get("FC6"), 2L * 9216 * 4096, 4L * 9216 * 4096);
    }

    @Test
    void theFirstLayerNeedsNoGradientOfItsInput() {
        assertWork(work(1).get("CONV1"), 2L * 55 * 55 * 96 * 11 * 11 * 3, 2L * 55 * 55 * 96 * 11 * 11 * 3);
    }

    @Test
    void workGrowsWithTheBatchAndPoolingHasNone() {
        Map<String, LayerWork> work = work(128);
        assertWork(work.get("CONV4"), 2L * 128 * 13 * 13 * 384 * 9 * 384, 4L * 128 * 13 * 13 * 384 * 9 * 384);
        assertWork(work.get("MAXPOOL1"), 0, 0);
        assertWork(work.get("NORM2"), 0, 0);
    }
}
