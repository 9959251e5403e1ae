package org.starling.data;

/**
 * What makes a prepared set, besides its images.
 *
 * @param shortSide to which larger pictures are scaled, in pixels; 0 to keep them as they are
 * @param quality of the JPEG files that are written then, above 0 and up to 1
 * @param validationFraction part of each class that becomes the split {@code validation}, below 1; 0 for none
 * @param shardImages most images of a shard
 * @param seed of split and order
 * @param badImageLimit largest fraction of the images that may be unreadable
 */
public record PreparationSettings(
        int shortSide, double quality, double validationFraction, int shardImages, long seed, double badImageLimit) {

    /** What decides the bytes. */
    String stored() {
        return "side %d quality %s validation %s shards %d seed %d"
                .formatted(shortSide, quality, validationFraction, shardImages, seed);
    }
}
