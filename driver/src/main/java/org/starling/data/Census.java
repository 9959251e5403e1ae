package org.starling.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.zip.CRC32C;
import org.apache.spark.api.java.JavaRDD;
import org.starling.model.ImageShape;

/**
 * What one Spark job over an image set finds out by decoding every image once.
 *
 * @param images the readable images
 * @param bad the others, by the names of the set
 * @param sums of all readable images, or null when each image carries its own
 */
record Census(List<Entry> images, List<BadImage> bad, ColourSums sums) {

    /**
     * A readable image. The driver keeps one for each image while it deals: about 100 bytes and the name.
     *
     * @param name name in its set
     * @param label class index
     * @param checksum CRC32C of its encoded bytes
     * @param length of its encoded bytes
     * @param sums its own sums, or null
     */
    record Entry(String name, int label, int checksum, int length, ColourSums sums)
            implements NamedImage, Serializable {}

    /** What one task reports. */
    private record Part(List<Entry> images, List<BadImage> bad, ColourSums sums) implements Serializable {}

    /** @param sumsByImage whether a part of the images is still to be chosen, so that sums of each are needed */
    static Census of(JavaRDD<ImageRecord> records, ImageShape shape, int shortSide, boolean sumsByImage) {
        List<Part> parts = records.mapPartitions(
                        images -> List.of(survey(images, new ImageDecoder(shape, shortSide), sumsByImage))
                                .iterator())
                .collect();
        List<Entry> images = new ArrayList<>();
        List<BadImage> bad = new ArrayList<>();
        ColourSums sums = sumsByImage ? null : new ColourSums();
        for (Part part : parts) {
            images.addAll(part.images());
            bad.addAll(part.bad());
            if (sums != null) {
                sums.add(part.sums());
            }
        }
        return new Census(images, bad, sums);
    }

    private static Part survey(Iterator<ImageRecord> records, ImageDecoder decoder, boolean sumsByImage) {
        CRC32C checksum = new CRC32C();
        Part part = new Part(new ArrayList<>(), new ArrayList<>(), sumsByImage ? null : new ColourSums());
        while (records.hasNext()) {
            ImageRecord image = records.next();
            try {
                ColourSums sums = sumsByImage ? new ColourSums() : part.sums();
                sums.add(decoder.fitted(image));
                checksum.reset();
                checksum.update(image.bytes());
                part.images()
                        .add(new Entry(
                                image.name(),
                                image.label(),
                                (int) checksum.getValue(),
                                image.bytes().length,
                                sumsByImage ? sums : null));
            } catch (BadImageException e) {
                part.bad().add(new BadImage(image.name(), e.getMessage()));
            }
        }
        return part;
    }

    /** Images of each class. */
    long[] classCounts(int classes) {
        long[] counts = new long[classes];
        images.forEach(image -> counts[image.label()]++);
        return counts;
    }
}
