package org.starling.jobs.bench;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.starling.InputException;
import org.starling.data.Decoders;
import org.starling.data.ImageRecord;
import org.starling.data.Minibatch;
import org.starling.data.Minibatches;
import org.starling.data.Normalization;
import org.starling.data.PrefetchingIterator;
import org.starling.data.Preprocessing;
import org.starling.data.Shard;
import org.starling.data.augmentation.Augmentation;
import org.starling.data.augmentation.Lighting;
import org.starling.data.augmentation.Mirror;
import org.starling.data.augmentation.RandomCrop;
import org.starling.model.SequentialModel;

/**
 * Minibatches of image files without end, made ahead as in training, of pictures that are cut, mirrored and lit as AlexNet's. Says how long who waited
 * and computed.
 */
final class DataFeed implements AutoCloseable {
    private static final int BATCHES_AHEAD = 2;

    /** Of a set whose statistics are not known, and do not matter. */
    private static final double MEAN = 120;

    private static final double DEVIATION = 60;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final List<ImageRecord> images;
    private final AtomicLong madeNanos = new AtomicLong();
    private final Decoders decoders = new Decoders();
    private final PrefetchingIterator<Minibatch> batches;
    private long waitedNanos;
    private int taken;

    /**
     * @param images files, whose labels do not matter
     * @param shortSide as data.shortSide
     */
    DataFeed(List<ImageRecord> images, SequentialModel model, int batch, int shortSide, long seed) {
        this.images = IntStream.range(0, images.size())
                .mapToObj(i -> images.get(i).labelled(i % model.classes()))
                .toList();
        this.batches = new PrefetchingIterator<>(new Endless(model, batch, shortSide, seed), BATCHES_AHEAD);
    }

    /** AlexNet's, or what of it grey pictures can have. */
    static Augmentation augmentation(int channels) {
        return channels == Lighting.IMAGENET_CHANNELS
                ? Augmentation.of(new RandomCrop(), new Mirror(), Lighting.ofImageNet(0.1))
                : Augmentation.of(new RandomCrop(), new Mirror());
    }

    /** The next batch; the first one is not waited for: it is made before anything else is. */
    Minibatch next() {
        long start = System.nanoTime();
        Minibatch batch = batches.next();
        if (taken++ > 0) {
            waitedNanos += System.nanoTime() - start;
        }
        return batch;
    }

    /** Takes a batch that has been used. */
    void giveBack(Minibatch batch) {
        decoders.giveBack(batch);
    }

    /** For how long batches but the first were waited for. */
    double waitedSeconds() {
        return waitedNanos / 1e9;
    }

    /** The processor's time of the thread that makes batches. */
    double madeSeconds() {
        return madeNanos.get() / 1e9;
    }

    /** The processor's time that javax.imageio alone takes for so many of the images. */
    double decodeSeconds(int count) {
        ImageIO.setUseCache(false);
        long start = THREADS.getCurrentThreadCpuTime();
        for (int i = 0; i < count; i++) {
            ImageRecord image = images.get(i % images.size());
            try {
                if (ImageIO.read(new ByteArrayInputStream(image.bytes())) == null) {
                    throw new IOException("no reader");
                }
            } catch (IOException | RuntimeException e) {
                throw new InputException(
                        image.name() + " cannot be read by javax.imageio. Expected files that it can read.", e);
            }
        }
        return (THREADS.getCurrentThreadCpuTime() - start) / 1e9;
    }

    @Override
    public void close() {
        batches.close();
    }

    /** Epoch after epoch, of whole batches. */
    private final class Endless implements Iterator<Minibatch> {
        private final SequentialModel model;
        private final int batch;
        private final int shortSide;
        private final long seed;
        private Iterator<Minibatch> epoch = List.<Minibatch>of().iterator();
        private int epochs;

        Endless(SequentialModel model, int batch, int shortSide, long seed) {
            this.model = model;
            this.batch = batch;
            this.shortSide = shortSide;
            this.seed = seed;
        }

        @Override
        public boolean hasNext() {
            return true;
        }

        @Override
        public Minibatch next() {
            long start = THREADS.getCurrentThreadCpuTime();
            if (!epoch.hasNext()) {
                int channels = model.input().channels();
                double[] mean =
                        IntStream.range(0, channels).mapToDouble(c -> MEAN).toArray();
                double[] deviation =
                        IntStream.range(0, channels).mapToDouble(c -> DEVIATION).toArray();
                epoch = Minibatches.training(
                        Shard.of(0, images),
                        model.input(),
                        new Preprocessing(shortSide, new Normalization(mean, deviation)),
                        augmentation(channels),
                        batch,
                        seed,
                        epochs++,
                        0,
                        images.size() / batch,
                        decoders);
            }
            Minibatch next = epoch.next();
            madeNanos.addAndGet(THREADS.getCurrentThreadCpuTime() - start);
            return next;
        }
    }
}
