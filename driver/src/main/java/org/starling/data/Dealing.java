package org.starling.data;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * Deals images to replicas like cards: sorted by class, a seeded hash of the name, and the name, image {@code i} goes to
 * replica {@code i mod R}. Every replica gets as many of each class as any other, to within one, and as many in all, to
 * within one; neither the cluster nor the partitions of the source play a part.
 *
 * @param blocks names, those of the first replica first; a replica's lie in the order of another hash, so that each block is a sample of them
 * @param blockSizes images of each, copies counted
 */
record Dealing(List<List<String>> blocks, int[] blockSizes) {
    /** Bytes of the images of a block: as many as a row group of a prepared set has. */
    private static final long BLOCK = 4 << 20;

    /**
     * @param images of the set; their order plays no part
     * @param copies how often an image comes in an epoch
     */
    static Dealing of(List<Census.Entry> images, int replicas, long seed, ToIntFunction<Census.Entry> copies) {
        List<List<Census.Entry>> hands = new ArrayList<>();
        IntStream.range(0, replicas).forEach(replica -> hands.add(new ArrayList<>()));
        List<Census.Entry> cards = sorted(images, SeededHash.Purpose.DEAL, seed, Census.Entry::label);
        for (int i = 0; i < cards.size(); i++) {
            hands.get(i % replicas).add(cards.get(i));
        }
        List<List<Census.Entry>> blocks = new ArrayList<>();
        for (List<Census.Entry> hand : hands) {
            cut(sorted(hand, SeededHash.Purpose.HAND, seed, card -> 0), blocks);
        }
        return new Dealing(
                blocks.stream()
                        .map(block -> block.stream().map(Census.Entry::name).toList())
                        .toList(),
                blocks.stream()
                        .mapToInt(block -> block.stream().mapToInt(copies).sum())
                        .toArray());
    }

    private static List<Census.Entry> sorted(
            List<Census.Entry> images, SeededHash.Purpose purpose, long seed, ToIntFunction<Census.Entry> first) {
        record Card(Census.Entry image, int first, long hash) {}
        return images.stream()
                .map(image -> new Card(image, first.applyAsInt(image), SeededHash.of(seed, purpose, image.name())))
                .sorted(Comparator.comparingInt(Card::first)
                        .thenComparingLong(Card::hash)
                        .thenComparing(card -> card.image().name()))
                .map(Card::image)
                .toList();
    }

    private static void cut(List<Census.Entry> hand, List<List<Census.Entry>> blocks) {
        List<Census.Entry> block = new ArrayList<>();
        long bytes = 0;
        for (Census.Entry image : hand) {
            if (!block.isEmpty() && bytes + image.length() > BLOCK) {
                blocks.add(block);
                block = new ArrayList<>();
                bytes = 0;
            }
            block.add(image);
            bytes += image.length();
        }
        if (!block.isEmpty()) {
            blocks.add(block);
        }
    }
}
