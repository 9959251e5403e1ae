package org.starling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.starling.data.ShardedDataTest.hands;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.LocalSpark;
import org.starling.data.augmentation.Augmentation;
import org.starling.data.augmentation.Lighting;
import org.starling.data.augmentation.Mirror;
import org.starling.data.augmentation.RandomCrop;
import org.starling.model.DataFormat;
import org.starling.model.ImageShape;
import scala.Tuple2;

/** Training from a prepared set of 200 pictures, 160 of them for training in 20 shards of 8. */
class PreparedTrainingDataTest {
    private static final int SHARD = 8;
    private static final int TRAINING = 160;
    private static final int BATCH = 4;
    private static final ImageShape SHAPE = new ImageShape(60, 60, 3, DataFormat.CHANNELS_LAST);

    @TempDir
    static Path folder;

    private final JavaSparkContext spark = LocalSpark.context();

    @BeforeAll
    static void prepare() throws IOException {
        Random random = new Random(4);
        for (int i = 0; i < 200; i++) {
            BufferedImage noise = new BufferedImage(70, 64, BufferedImage.TYPE_INT_RGB);
            for (int y = 0; y < 64; y++) {
                for (int x = 0; x < 70; x++) {
                    noise.setRGB(x, y, random.nextInt());
                }
            }
            Path file = folder.resolve("images/" + (i % 4) + "/" + i + ".png");
            TestImages.write(file, TestImages.encode(noise, "png"));
        }
        ImageSource source =
                ImageSource.open(LocalSpark.context(), folder.resolve("images").toString(), "auto");
        new Preparation(
                        source,
                        new PreparationSettings(0, 1, 0.2, SHARD, 3, 0),
                        folder.resolve("set").toUri().toString())
                .run(LocalSpark.context(), progress -> {});
    }

    private ImageSource open(String split) {
        return ImageSource.open(spark, folder.resolve("set/" + split).toString(), "auto");
    }

    private ShardedData data(int replicas, boolean reshard) {
        return ShardedData.prepare(
                spark,
                new DataPlan(
                        open("train"), Optional.of(open("validation")), 0, 0, SHAPE, 64, replicas, reshard, false, 5));
    }

    @Test
    void theManifestIsTrustedAndEveryImageIsDealtOnce() {
        for (int replicas : new int[] {1, 3, 7}) {
            ShardedData data = data(replicas, false);
            assertEquals(List.of("0", "1", "2", "3"), data.classes());
            assertArrayEquals(new long[] {40, 40, 40, 40}, data.classCounts());
            assertArrayEquals(new long[] {10, 10, 10, 10}, data.validationClassCounts());
            assertArrayEquals(
                    ShardedImages.even(TRAINING, replicas), data.training().sizes());
            HashSet<String> names = new HashSet<>();
            List<List<ImageRecord>> hands = hands(data.training(), 0);
            for (int replica = 0; replica < replicas; replica++) {
                assertEquals(
                        data.training().sizes()[replica], hands.get(replica).size());
                hands.get(replica).forEach(image -> assertTrue(names.add(image.name()), image.name()));
            }
            assertEquals(TRAINING, names.size());
            assertEquals(
                    40,
                    hands(data.validation(), 0).stream().mapToInt(List::size).sum());
        }
        assertEquals(data(2, false).digest(), data(3, false).digest());
    }

    @Test
    void theDigestTellsSetsApart() {
        ShardedData other = ShardedData.prepare(
                spark,
                new DataPlan(open("validation"), Optional.of(open("train")), 0, 0, SHAPE, 64, 2, false, false, 5));
        assertNotEquals(data(2, false).digest(), other.digest());
    }

    @Test
    void whereValidationImagesAreCutItIsReadAsAnyOtherSet() {
        ShardedData data = ShardedData.prepare(
                spark, new DataPlan(open("train"), Optional.empty(), 0.25, 0, SHAPE, 64, 2, false, false, 5));
        assertArrayEquals(new long[] {30, 30, 30, 30}, data.classCounts());
        assertArrayEquals(new long[] {10, 10, 10, 10}, data.validationClassCounts());
        assertArrayEquals(new int[] {60, 60}, data.training().sizes());
    }

    private static long bytesRead() {
        return FileSystem.getAllStatistics().stream()
                .mapToLong(FileSystem.Statistics::getBytesRead)
                .sum();
    }

    private static int take(Shard shard, int firstStep, int steps) {
        Iterator<Minibatch> batches = Minibatches.training(
                shard,
                SHAPE,
                new Preprocessing(64, new Normalization(new double[3], new double[] {1, 1, 1})),
                Augmentation.NONE,
                BATCH,
                3,
                0,
                firstStep,
                steps);
        int images = 0;
        while (batches.hasNext()) {
            images += batches.next().size();
        }
        return images;
    }

    @Test
    void aRoundReadsItsBatchesAndOneWindowAtMost() throws IOException {
        long shardBytes = Files.size(folder.resolve("set/train/shard-00000.parquet"));
        for (int firstStep : new int[] {0, 7, 13, 36}) {
            ShardedData data = data(1, false);
            data.training().persist(StorageLevel.NONE());
            long before = bytesRead();
            int images = data.training()
                    .shards(0)
                    .map(shard -> take(shard, firstStep, 4))
                    .first();
            long read = bytesRead() - before;
            assertEquals(4 * BATCH, images);
            long batches = images * shardBytes / SHARD;
            // A twentieth for what differs between shards, and for footers and Hadoop's checksums.
            long most = (batches + EpochOrder.WINDOW * shardBytes) * 21 / 20;
            assertTrue(read <= most, read + " bytes read, of batches " + batches + ", at most " + most);
            assertTrue(read >= batches, read + " bytes read");
        }
    }

    @Test
    void whatIsKeptIsReadOnce() {
        ShardedData data = data(1, false);
        data.training().persist(StorageLevel.MEMORY_ONLY());
        long before = bytesRead();
        data.training().shards(0).map(shard -> take(shard, 0, 40)).first();
        long once = bytesRead() - before;
        for (int epoch = 1; epoch < 3; epoch++) {
            data.training().shards(epoch).map(shard -> take(shard, 3, 30)).first();
        }
        assertTrue(once > 0);
        assertEquals(once, bytesRead() - before);
    }

    /** What a network sees of each image in an epoch, by the image's name, and the order in which it does. */
    private static TreeMap<String, Integer> inputs(ShardedData data, int epoch, List<String> order) {
        Augmentation augmentation = Augmentation.of(new RandomCrop(), new Mirror(), Lighting.ofImageNet(0.1));
        Normalization normalization = data.colours().normalization();
        List<Tuple2<String, Integer>> seen = data.training()
                .shards(epoch)
                .flatMap(shard -> {
                    List<Tuple2<String, Integer>> images = new ArrayList<>();
                    Iterator<Minibatch> batches = Minibatches.training(
                            shard,
                            SHAPE,
                            new Preprocessing(64, normalization),
                            augmentation,
                            BATCH,
                            3,
                            epoch,
                            0,
                            TRAINING);
                    while (batches.hasNext()) {
                        Minibatch batch = batches.next();
                        for (int i = 0; i < batch.size(); i++) {
                            float[] own =
                                    Arrays.copyOfRange(batch.features(), i * SHAPE.length(), (i + 1) * SHAPE.length());
                            images.add(new Tuple2<>(batch.records().get(i).name(), Arrays.hashCode(own)));
                        }
                    }
                    return images.iterator();
                })
                .collect();
        TreeMap<String, Integer> byName = new TreeMap<>();
        seen.forEach(image -> {
            order.add(image._1());
            assertEquals(null, byName.put(image._1(), image._2()), "twice an epoch: " + image._1());
        });
        assertEquals(TRAINING, byName.size());
        return byName;
    }

    @Test
    void orderCropsAndLightingFollowFromTheSeedAndAnotherEpochHasOthers() {
        for (boolean reshard : new boolean[] {false, true}) {
            List<String> first = new ArrayList<>();
            TreeMap<String, Integer> crops = inputs(data(2, reshard), 0, first);
            List<String> again = new ArrayList<>();
            assertEquals(crops, inputs(data(2, reshard), 0, again));
            assertEquals(first, again);
            List<String> next = new ArrayList<>();
            assertNotEquals(crops, inputs(data(2, reshard), 1, next));
            assertNotEquals(first, next);
            // What becomes of an image does not depend on the replica that sees it.
            assertEquals(crops, inputs(data(5, reshard), 0, new ArrayList<>()));
        }
    }
}
