package org.starling.jobs.bench;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.starling.InputException;
import org.starling.data.Decoders;
import org.starling.data.ImageRecord;
import org.starling.data.Minibatch;
import org.starling.data.Minibatches;
import org.starling.data.Normalization;
import org.starling.data.Preprocessing;
import org.starling.data.Shard;
import org.starling.model.ImageShape;

/**
 * Times the way of images from files in memory to minibatches, by one thread, and what of it javax.imageio alone takes: the same files in turn, so
 * that what disturbs the machine disturbs both.
 */
public final class DataBench {
    private static final long SEED = 1;

    private final List<ImageRecord> images;
    private final ImageShape shape;
    private final DataOptions options;
    private final Consumer<String> progress;
    private final Decoders decoders = new Decoders();

    /**
     * @param images files, at least one
     * @param shape the network's input
     * @param options checked
     * @param progress told what has been measured, a line at a time
     */
    public DataBench(List<ImageRecord> images, ImageShape shape, DataOptions options, Consumer<String> progress) {
        this.images = images;
        this.shape = shape;
        this.options = options;
        this.progress = progress;
    }

    /** Measures. */
    public DataReport run() {
        List<Double> pipeline = new ArrayList<>();
        List<Double> imageio = new ArrayList<>();
        List<Double> djpeg = new ArrayList<>();
        // Without files on disk between, as Starling reads.
        ImageIO.setUseCache(false);
        try (Djpeg program = Djpeg.installed(images)) {
            for (int round = 0; round <= options.rounds(); round++) {
                int epoch = round;
                double ours = imagesPerSecond(() -> batches(epoch));
                double bare = imagesPerSecond(this::decode);
                Optional<Double> decoded =
                        program == null ? Optional.empty() : Optional.of(imagesPerSecond(program::decode));
                if (round > 0) {
                    pipeline.add(ours);
                    imageio.add(bare);
                    decoded.ifPresent(djpeg::add);
                    progress.accept(String.format(
                            Locale.ROOT,
                            "round %d/%d  images/s by one thread: pipeline %.1f, imageio %.1f",
                            round,
                            options.rounds(),
                            ours,
                            bare));
                }
            }
        }
        return new DataReport(
                Machine.current(),
                options,
                shape,
                images.size(),
                images.stream().mapToLong(image -> image.bytes().length).sum(),
                new Samples(pipeline),
                new Samples(imageio),
                djpeg.isEmpty() ? Optional.empty() : Optional.of(new Samples(djpeg)));
    }

    private double imagesPerSecond(Runnable action) {
        long start = System.nanoTime();
        action.run();
        return images.size() * 1e9 / (System.nanoTime() - start);
    }

    private void batches(int epoch) {
        double[] zeros = new double[shape.channels()];
        double[] ones = IntStream.range(0, shape.channels()).mapToDouble(c -> 1).toArray();
        Iterator<Minibatch> batches = Minibatches.training(
                Shard.of(0, images),
                shape,
                new Preprocessing(options.shortSide(), new Normalization(zeros, ones)),
                DataFeed.augmentation(shape.channels()),
                options.batch(),
                SEED,
                epoch,
                0,
                Integer.MAX_VALUE,
                decoders);
        int seen = 0;
        while (batches.hasNext()) {
            Minibatch batch = batches.next();
            seen += batch.size();
            decoders.giveBack(batch);
        }
        requireAll(seen);
    }

    private void decode() {
        int seen = 0;
        for (ImageRecord image : images) {
            try {
                BufferedImage decoded = ImageIO.read(new ByteArrayInputStream(image.bytes()));
                seen += decoded == null ? 0 : 1;
            } catch (IOException | RuntimeException e) {
                // Said below: there are files that the pipeline reads and javax.imageio does not.
                continue;
            }
        }
        requireAll(seen);
    }

    private void requireAll(int seen) {
        if (seen != images.size()) {
            throw new InputException(
                    "%s: %d of %d images can be read by javax.imageio. Expected files that both can read."
                            .formatted(options.data(), seen, images.size()));
        }
    }
}
