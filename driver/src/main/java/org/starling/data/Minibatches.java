package org.starling.data;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.starling.InputException;
import org.starling.data.augmentation.Augmentation;
import org.starling.data.augmentation.AugmentationStep;
import org.starling.data.augmentation.Rendering;
import org.starling.data.augmentation.Views;
import org.starling.model.ImageShape;

/** Minibatches of normalized values, decoded as they are asked for. */
public final class Minibatches {
    private Minibatches() {}

    /** Steps of one epoch over so many images: the last one may have a partial batch. */
    public static int stepsPerEpoch(int images, int batch) {
        return (images + batch - 1) / batch;
    }

    /** As below, each minibatch with an array of its own. */
    public static Iterator<Minibatch> training(
            Shard shard,
            ImageShape shape,
            Preprocessing preprocessing,
            Augmentation augmentation,
            int batch,
            long seed,
            int epoch,
            int firstStep,
            int steps) {
        return training(
                shard, shape, preprocessing, augmentation, batch, seed, epoch, firstStep, steps, new Decoders());
    }

    /**
     * Some steps of one epoch. The order of a shard's images is a function of (seed, epoch, replica); the changes of an image
     * are a function of (seed, epoch, its name, the step's name). So any range of steps can be computed by itself, and every image comes once
     * an epoch.
     *
     * @param firstStep the first step, counted from 0 in the epoch
     * @param steps how many; fewer come when the epoch ends before
     * @param decoders decode the images of a minibatch side by side, into their arrays; whoever has used a minibatch may give its array back
     * @throws InputException from {@code next} when an image that could be read before cannot be now
     */
    public static Iterator<Minibatch> training(
            Shard shard,
            ImageShape shape,
            Preprocessing preprocessing,
            Augmentation augmentation,
            int batch,
            long seed,
            int epoch,
            int firstStep,
            int steps,
            Decoders decoders) {
        EpochOrder order = new EpochOrder(
                shard.parts().stream().mapToInt(Shard.Part::count).toArray(),
                EpochOrder.WINDOW,
                seed,
                epoch,
                shard.replica());
        Iterator<ImageRecord> images = shard.images(order, (int) Math.min(shard.size(), (long) firstStep * batch));
        long imageSeed = SeededHash.of(seed, SeededHash.Purpose.AUGMENTATION, epoch);
        Renderings renderings =
                new Renderings(1, (view, image, rendering) -> augment(augmentation, imageSeed, image, rendering));
        Inputs inputs = new Inputs(shape, preprocessing, renderings);
        return new Batches(images, inputs, batch, steps, decoders, Minibatches::refuse);
    }

    /** Every image in the order given, unchanged; an unreadable one ends it with an {@link InputException}. */
    public static Iterator<Minibatch> inOrder(
            Iterator<ImageRecord> images, ImageShape shape, Preprocessing preprocessing, int batch, Decoders decoders) {
        return inOrder(images, shape, preprocessing, Views.CENTRE, batch, decoders, Minibatches::refuse);
    }

    /**
     * Every image in the order given, unchanged.
     *
     * @param views of each image
     * @param bad is told of unreadable images, which are left out
     */
    public static Iterator<Minibatch> inOrder(
            Iterator<ImageRecord> images,
            ImageShape shape,
            Preprocessing preprocessing,
            Views views,
            int batch,
            Decoders decoders,
            BiConsumer<ImageRecord, BadImage> bad) {
        Renderings renderings = new Renderings(views.count(), (view, image, rendering) -> views.apply(view, rendering));
        Inputs inputs = new Inputs(shape, preprocessing, renderings);
        return new Batches(images, inputs, batch, Integer.MAX_VALUE, decoders, bad);
    }

    /** @param seed of what is random in the pictures */
    private static void augment(Augmentation augmentation, long seed, ImageRecord image, Rendering rendering) {
        if (augmentation.steps().isEmpty()) {
            return;
        }
        long own = SeededHash.of(seed, SeededHash.Purpose.AUGMENTATION, image.name());
        for (AugmentationStep step : augmentation.steps()) {
            long drawn = SeededHash.of(own, SeededHash.Purpose.AUGMENTATION, step.name());
            step.apply(rendering, new SplittableRandom(drawn));
        }
    }

    private static void refuse(ImageRecord image, BadImage bad) {
        throw new InputException("Image " + bad.name() + " cannot be read: " + bad.reason() + ". Repair or remove it.");
    }

    /** How an image is shown; a rendering begins as its centre. */
    @FunctionalInterface
    private interface Change {
        void apply(int view, ImageRecord image, Rendering rendering);
    }

    /**
     * What is shown of each image.
     *
     * @param views times that it is shown
     * @param change of each of them
     */
    private record Renderings(int views, Change change) {}

    /** Turns images into a network's input. */
    private static final class Inputs {
        private final ImageDecoder decoder;
        private final InputPlacement placement;
        private final Renderings renderings;
        private final int length;

        Inputs(ImageShape shape, Preprocessing preprocessing, Renderings renderings) {
            this.decoder = new ImageDecoder(shape, preprocessing.shortSide());
            this.placement = new InputPlacement(shape, preprocessing.normalization());
            this.renderings = renderings;
            this.length = shape.length();
        }

        int views() {
            return renderings.views();
        }

        /** Values of an image, in all views. */
        int length() {
            return Math.multiplyExact(views(), length);
        }

        void place(ImageRecord image, float[] features, int offset) throws BadImageException {
            Pixels picture = decoder.picture(image);
            for (int view = 0; view < views(); view++) {
                Rendering rendering = decoder.rendering(picture);
                renderings.change().apply(view, image, rendering);
                placement.place(decoder.cut(picture, rendering).values(), rendering, features, offset + view * length);
            }
        }
    }

    /** Groups images into batches. */
    private static final class Batches implements Iterator<Minibatch> {
        private final Iterator<ImageRecord> images;
        private final Inputs inputs;
        private final int batch;
        private final Decoders decoders;
        private final BiConsumer<ImageRecord, BadImage> bad;
        private int left;
        private Minibatch next;

        /** @param batches that are made at most; images beyond are not asked for */
        Batches(
                Iterator<ImageRecord> images,
                Inputs inputs,
                int batch,
                int batches,
                Decoders decoders,
                BiConsumer<ImageRecord, BadImage> bad) {
            this.images = images;
            this.inputs = inputs;
            this.batch = batch;
            this.decoders = decoders;
            this.bad = bad;
            this.left = batches;
        }

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
            int length = inputs.length();
            if (left-- <= 0 || !images.hasNext()) {
                return new Minibatch(new float[0], new int[0], 0);
            }
            float[] features = decoders.take(Math.multiplyExact(batch, length));
            while (records.size() < batch && images.hasNext()) {
                List<ImageRecord> some = new ArrayList<>();
                while (some.size() < batch - records.size() && images.hasNext()) {
                    some.add(images.next());
                }
                addGood(records, some, features);
            }
            int[] labels = records.stream().mapToInt(ImageRecord::label).toArray();
            return new Minibatch(features, labels, records.size(), inputs.views(), records);
        }

        /** Decodes images behind those that are there; the bad ones leave no gaps. */
        private void addGood(List<ImageRecord> records, List<ImageRecord> some, float[] features) {
            int length = inputs.length();
            int first = records.size();
            String[] reasons = new String[some.size()];
            decoders.run(some.size(), i -> {
                try {
                    inputs.place(some.get(i), features, (first + i) * length);
                } catch (BadImageException e) {
                    reasons[i] = e.getMessage();
                }
            });
            for (int i = 0; i < some.size(); i++) {
                ImageRecord image = some.get(i);
                if (reasons[i] != null) {
                    bad.accept(image, new BadImage(image.name(), reasons[i]));
                    continue;
                }
                if (records.size() < first + i) {
                    System.arraycopy(features, (first + i) * length, features, records.size() * length, length);
                }
                records.add(image);
            }
        }
    }
}
