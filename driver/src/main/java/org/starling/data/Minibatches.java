package org.starling.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.starling.InputException;
import org.starling.model.ImageShape;

/** Minibatches of normalized values, decoded as they are asked for; each has arrays of its own. */
public final class Minibatches {
    private Minibatches() {}

    /** Steps of one epoch over so many images: the last one may have a partial batch. */
    public static int stepsPerEpoch(int images, int batch) {
        return (images + batch - 1) / batch;
    }

    /**
     * Some steps of one epoch. The order of a shard's images is a function of (seed, epoch, replica); the changes of an image
     * are a function of (seed, epoch, its name). So any range of steps can be computed by itself, and every image comes once
     * an epoch.
     *
     * @param firstStep the first step, counted from 0 in the epoch
     * @param steps how many; fewer come when the epoch ends before
     * @throws InputException from {@code next} when an image that could be read before cannot be now
     */
    public static Iterator<Minibatch> training(
            Shard shard,
            ImageShape shape,
            Normalization normalization,
            Augmentation augmentation,
            int batch,
            long seed,
            int epoch,
            int firstStep,
            int steps) {
        List<ImageRecord> records = shard.records();
        int[] order = order(records.size(), seed, epoch, shard.replica());
        int begin = (int) Math.min(order.length, (long) firstStep * batch);
        int end = (int) Math.min(order.length, ((long) firstStep + steps) * batch);
        Iterator<ImageRecord> images =
                Arrays.stream(order, begin, end).mapToObj(records::get).iterator();
        InputPlacement placement = new InputPlacement(shape, normalization);
        long imageSeed = SeededHash.of(seed, SeededHash.Purpose.AUGMENTATION, epoch);
        return new Batches(images, new ImageDecoder(shape), batch, Minibatches::refuse) {
            @Override
            void place(ImageRecord image, byte[] decoded, float[] features, int offset) {
                SplittableRandom random =
                        new SplittableRandom(SeededHash.of(imageSeed, SeededHash.Purpose.AUGMENTATION, image.name()));
                boolean mirror = augmentation.mirror() && random.nextBoolean();
                int shift = augmentation.shift();
                int down = shift == 0 ? 0 : random.nextInt(-shift, shift + 1);
                int right = shift == 0 ? 0 : random.nextInt(-shift, shift + 1);
                placement.place(decoded, mirror, down, right, features, offset);
            }
        };
    }

    /** Every image in the order given, unchanged; an unreadable one ends it with an {@link InputException}. */
    public static Iterator<Minibatch> inOrder(
            Iterator<ImageRecord> images, ImageShape shape, Normalization normalization, int batch) {
        return inOrder(images, shape, normalization, batch, Minibatches::refuse);
    }

    /**
     * Every image in the order given, unchanged.
     *
     * @param bad is told of unreadable images, which are left out
     */
    public static Iterator<Minibatch> inOrder(
            Iterator<ImageRecord> images,
            ImageShape shape,
            Normalization normalization,
            int batch,
            Consumer<BadImage> bad) {
        InputPlacement placement = new InputPlacement(shape, normalization);
        return new Batches(images, new ImageDecoder(shape), batch, bad) {
            @Override
            void place(ImageRecord image, byte[] decoded, float[] features, int offset) {
                placement.place(decoded, false, 0, 0, features, offset);
            }
        };
    }

    private static void refuse(BadImage image) {
        throw new InputException(
                "Image " + image.name() + " cannot be read: " + image.reason() + ". Repair or remove it.");
    }

    /** A permutation of 0 to n - 1 (Fisher and Yates). */
    static int[] order(int n, long seed, int epoch, int replica) {
        SplittableRandom random = new SplittableRandom(SeededHash.of(seed, SeededHash.Purpose.ORDER, epoch, replica));
        int[] order = IntStream.range(0, n).toArray();
        for (int i = n - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }

    /** Groups images into batches. */
    private abstract static class Batches implements Iterator<Minibatch> {
        private final Iterator<ImageRecord> images;
        private final ImageDecoder decoder;
        private final int batch;
        private final Consumer<BadImage> bad;
        private Minibatch next;

        Batches(Iterator<ImageRecord> images, ImageDecoder decoder, int batch, Consumer<BadImage> bad) {
            this.images = images;
            this.decoder = decoder;
            this.batch = batch;
            this.bad = bad;
        }

        abstract void place(ImageRecord image, byte[] decoded, float[] features, int offset);

        @Override
        public boolean hasNext() {
            if (next == null) {
                next = read();
            }
            return next.size() > 0;
        }

        @Override
        public Minibatch next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            Minibatch result = next;
            next = null;
            return result;
        }

        private Minibatch read() {
            List<ImageRecord> records = new ArrayList<>();
            List<byte[]> decoded = new ArrayList<>();
            while (decoded.size() < batch && images.hasNext()) {
                ImageRecord image = images.next();
                try {
                    decoded.add(decoder.decode(image));
                    records.add(image);
                } catch (BadImageException e) {
                    bad.accept(new BadImage(image.name(), e.getMessage()));
                }
            }
            int size = records.size();
            int length = size == 0 ? 0 : decoded.get(0).length;
            float[] features = new float[Math.multiplyExact(size, length)];
            int[] labels = new int[size];
            for (int i = 0; i < size; i++) {
                labels[i] = records.get(i).label();
                place(records.get(i), decoded.get(i), features, i * length);
            }
            return new Minibatch(features, labels, size, records);
        }
    }
}
