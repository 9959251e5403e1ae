package org.starling.kernels.conv;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.starling.kernels.winograd.TileTransform;

/**
 * A convolution cut into tiles for one of Winograd's transforms. A stride s is taken apart into phases (space to depth): the filter of K x K
 * becomes one of ceil(K / s) x ceil(K / s), filled up with zeros, over s^2 C channels at stride 1,
 *
 * <pre>y[p, q] = sum over i, j, u, v, c of X[p + i, q + j, (u s + v) C + c] w[s i + u, s j + v, c]
 * X[p, q, (u s + v) C + c] = x[s p + u - padTop, s q + v - padLeft, c]</pre>
 *
 * so that AlexNet's first layer, 11 x 11 at stride 4, is one of 3 x 3 over 48 channels.
 *
 * @param convolution what is computed
 * @param tile the transform
 * @param phases s
 */
record WinogradShape(ConvolutionShape convolution, TileTransform tile, int phases) {
    /**
     * Cost of moving a value into or out of the transformed domain, in multiply-adds: what a vector costs to load, transform along two
     * axes and store, against the products of a matrix multiply. From timings of AlexNet's layers and of narrow ones, which it should leave
     * to the direct way.
     */
    private static final int TRANSFORM = 24;

    /** The cheapest way to compute a shape by Winograd's algorithm, if there is one that is cheaper than the direct way. */
    static Optional<WinogradShape> cheapest(ConvolutionShape s, List<TileTransform> tiles) {
        boolean square = s.kernelHeight() == s.kernelWidth() && s.strideHeight() == s.strideWidth();
        if (!square || s.dilationHeight() != 1 || s.dilationWidth() != 1 || s.strideHeight() > s.kernelHeight()) {
            return Optional.empty();
        }
        int filter = (s.kernelHeight() + s.strideHeight() - 1) / s.strideHeight();
        return tiles.stream()
                .filter(tile -> tile.filter() == filter)
                .map(tile -> new WinogradShape(s, tile, s.strideHeight()))
                .min(Comparator.comparingDouble(WinogradShape::cost))
                .filter(shape -> shape.cost() < shape.directCost());
    }

    /** Multiply-adds and what stands for them, an image. */
    private double cost() {
        double products = (double) tilesDown() * tilesAcross() * tile.products();
        return products * ((double) channels() * filters() + TRANSFORM * (double) (channels() + filters()));
    }

    private double directCost() {
        return (double) convolution.outHeight() * convolution.outWidth() * convolution.patch() * filters();
    }

    /** Input channels, those of all phases. */
    int channels() {
        return phases * phases * convolution.channels();
    }

    int filters() {
        return convolution.filters();
    }

    int tilesDown() {
        return (convolution.outHeight() + tile.outputs() - 1) / tile.outputs();
    }

    int tilesAcross() {
        return (convolution.outWidth() + tile.outputs() - 1) / tile.outputs();
    }

    /** Tiles of all images, image by image and row by row. */
    int tiles() {
        return convolution.images() * tilesDown() * tilesAcross();
    }

    /** n up to whole vectors. */
    static int padded(int n) {
        return (n + TileTransform.CHANNELS - 1) / TileTransform.CHANNELS * TileTransform.CHANNELS;
    }
}
