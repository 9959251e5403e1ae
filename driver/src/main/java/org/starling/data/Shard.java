package org.starling.data;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;

/**
 * What one replica trains on: parts of blocks of images, which are read when they are wanted.
 *
 * @param replica number of the replica
 * @param parts in the order in which they were dealt
 * @param blocks read by the task that has the shard
 */
public record Shard(int replica, List<Part> parts, Blocks blocks) implements Serializable {
    /**
     * Images of one block.
     *
     * @param block number of the block among the shard's
     * @param first of its images
     * @param count of them
     */
    public record Part(int block, int first, int count) implements Serializable {}

    /** Reads blocks. */
    @FunctionalInterface
    public interface Blocks extends Serializable {
        /** @param block number of the block among the shard's */
        List<ImageRecord> read(int block);
    }

    /** A shard of images in memory. */
    public static Shard of(int replica, List<ImageRecord> images) {
        return new Shard(replica, List.of(new Part(0, 0, images.size())), block -> images);
    }

    /** Number of images. */
    public int size() {
        return parts.stream().mapToInt(Part::count).sum();
    }

    /** The images of a part. */
    List<ImageRecord> read(Part part) {
        List<ImageRecord> block = blocks.read(part.block());
        if (block.size() < part.first() + part.count()) {
            throw new IllegalStateException(
                    "block " + part.block() + " has " + block.size() + " images, dealt were " + part);
        }
        return block.subList(part.first(), part.first() + part.count());
    }

    /** All images in the order in which they were dealt, a block in memory at a time. */
    public Iterator<ImageRecord> images() {
        return parts.stream().flatMap(part -> read(part).stream()).iterator();
    }

    /**
     * The images from a place in an epoch on.
     *
     * @param order of the epoch, over this shard's parts
     * @param from how many images are passed over
     */
    Iterator<ImageRecord> images(EpochOrder order, int from) {
        return order.iterator(from, part -> read(parts.get(part)));
    }
}
