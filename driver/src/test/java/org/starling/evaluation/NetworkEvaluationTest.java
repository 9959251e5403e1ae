package org.starling.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.checkpoint.TestModels;
import org.starling.data.Decoders;
import org.starling.data.ImageRecord;
import org.starling.data.Minibatch;
import org.starling.data.Minibatches;
import org.starling.data.Picture;
import org.starling.data.Preprocessing;
import org.starling.kernels.ComputeTeam;
import org.starling.layers.NetworkInput;
import org.starling.model.SequentialModel;

class NetworkEvaluationTest {
    private static final int IMAGES = 50;
    private static final int CLASSES = 7;

    private final Random random = new Random(4);

    private static MultiLayerNetwork network(SequentialModel model) {
        MultiLayerNetwork network = new MultiLayerNetwork(model.toDl4j(1));
        network.init(Nd4j.create(TestModels.parameters(model, 3), new long[] {1, model.parameterCount()}, 'c'), true);
        return network;
    }

    private List<ImageRecord> images(int channels) {
        List<ImageRecord> images = new ArrayList<>();
        for (int i = 0; i < IMAGES; i++) {
            byte[] pixels = new byte[8 * 8 * channels];
            random.nextBytes(pixels);
            images.add(new ImageRecord(
                    "image " + i,
                    random.nextInt(CLASSES),
                    ImageRecord.Encoding.RAW_INTERLEAVED,
                    8,
                    8,
                    channels,
                    pixels));
        }
        return images;
    }

    /** One image at a time, indices by hand, plain loops. */
    @ParameterizedTest
    @CsvSource({"channels_last, 3", "channels_first, 3", "channels_last, 1", "channels_first, 1"})
    void countsAreThoseOfALoopOverImages(String dataFormat, int channels) {
        SequentialModel model = TestModels.batchNormalized(dataFormat, channels, CLASSES);
        MultiLayerNetwork network = network(model);
        List<ImageRecord> images = images(channels);
        Preprocessing preprocessing = TestModels.description(model).preprocessing();
        Decoders decoders = new Decoders();
        EvaluationResult result = NetworkEvaluation.evaluate(
                network,
                model.input(),
                Minibatches.inOrder(images.iterator(), model.input(), preprocessing, 16, decoders),
                decoders,
                CLASSES,
                new MistakeSample(0),
                new NetworkInput(new ComputeTeam(1)));

        long[][] confusion = new long[CLASSES][CLASSES];
        long top5 = 0;
        double loss = 0;
        for (ImageRecord image : images) {
            INDArray x =
                    dataFormat.equals("channels_last") ? Nd4j.zeros(1, 8, 8, channels) : Nd4j.zeros(1, channels, 8, 8);
            for (int row = 0; row < 8; row++) {
                for (int column = 0; column < 8; column++) {
                    for (int c = 0; c < channels; c++) {
                        float value = (image.bytes()[(row * 8 + column) * channels + c] & 0xFF) / 255f;
                        if (dataFormat.equals("channels_last")) {
                            x.putScalar(new int[] {0, row, column, c}, value);
                        } else {
                            x.putScalar(new int[] {0, c, row, column}, value);
                        }
                    }
                }
            }
            INDArray p = network.output(x);
            confusion[image.label()][Nd4j.argMax(p, 1).getInt(0)]++;
            float own = p.getFloat(0, image.label());
            long better = 0;
            for (int c = 0; c < CLASSES; c++) {
                better += p.getFloat(0, c) > own ? 1 : 0;
            }
            top5 += better < 5 ? 1 : 0;
            loss -= Math.log(own);
        }
        assertArrayEquals(confusion, result.confusion());
        assertEquals(top5, result.top5());
        assertEquals(loss, result.lossSum(), 1e-4);
    }

    @Test
    void theSurestMistakesAreSampled() {
        SequentialModel model = TestModels.batchNormalized("channels_last", 3, CLASSES);
        List<ImageRecord> images = images(3);
        MistakeSample all = new MistakeSample(IMAGES);
        MistakeSample three = new MistakeSample(3);
        for (MistakeSample sample : List.of(all, three)) {
            NetworkEvaluation.evaluate(
                    network(model),
                    model.input(),
                    Minibatches.inOrder(
                            images.iterator(),
                            model.input(),
                            TestModels.description(model).preprocessing(),
                            IMAGES,
                            new Decoders()),
                    new Decoders(),
                    CLASSES,
                    sample,
                    new NetworkInput(new ComputeTeam(1)));
        }
        List<String> surest = all.mistakes().stream()
                .sorted(Comparator.comparing(m -> -m.probability()))
                .limit(3)
                .map(Mistake::name)
                .toList();
        assertEquals(surest, three.mistakes().stream().map(Mistake::name).toList());
        assertTrue(all.mistakes().stream().allMatch(m -> m.actual() != m.predicted()));
    }

    @Test
    void aPictureHasTheImagesPixels() throws Exception {
        SequentialModel model = TestModels.batchNormalized("channels_last", 3, CLASSES);
        ImageRecord image = images(3).get(0);
        BufferedImage picture = ImageIO.read(new ByteArrayInputStream(Picture.png(image, model.input(), 0)));
        int at = (2 * 8 + 5) * 3;
        int expected =
                (image.bytes()[at] & 0xFF) << 16 | (image.bytes()[at + 1] & 0xFF) << 8 | image.bytes()[at + 2] & 0xFF;
        assertEquals(expected, picture.getRGB(5, 2) & 0xFFFFFF);
    }

    @Test
    void nothingIsCountedWithoutImages() {
        SequentialModel model = TestModels.batchNormalized("channels_last", 1, CLASSES);
        EvaluationResult result = NetworkEvaluation.evaluate(
                network(model),
                model.input(),
                List.<Minibatch>of().iterator(),
                new Decoders(),
                CLASSES,
                new MistakeSample(0),
                new NetworkInput(new ComputeTeam(1)));
        assertEquals(0, result.images());
    }
}
