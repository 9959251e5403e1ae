package org.starling.kernels.conv;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;
import org.starling.kernels.ScratchArray;
import org.starling.kernels.epilogue.Epilogue;
import org.starling.kernels.epilogue.EpilogueKernel;
import org.starling.kernels.winograd.TileTransform;

/**
 * The passes of a convolution, each by the cheapest of the direct way and Winograd's for its shape. Every output element is accumulated in an
 * order that follows from the shape alone, whatever the vector width, the threads and, but for the gradient of the filters, the other images of
 * the batch. Holds its scratch; for one caller at a time.
 */
public final class Convolution {
    /** Pixels whose gradients are added up in one go, as long sums of floats lose digits. */
    static final int BIAS_BLOCK = 512;

    private final ComputeTeam team;
    private final EpilogueKernel epilogueKernel;
    private final DirectConvolution direct;
    private final WinogradConvolution winograd;
    private final List<TileTransform> tiles;
    private final Map<ConvolutionShape, Optional<WinogradShape>> cheapest = new HashMap<>();
    private float[] biasSums = new float[0];

    /**
     * @param algorithm {@link Algorithm#DIRECT} leaves Winograd's algorithm out, whose results differ from the direct ones by some 1e-5 of the
     *     largest
     */
    public Convolution(ComputeTeam team, KernelProvider provider, Algorithm algorithm) {
        this.team = team;
        this.epilogueKernel = provider.epilogueKernel();
        this.direct = new DirectConvolution(team, provider);
        this.winograd = new WinogradConvolution(team, provider);
        this.tiles = algorithm == Algorithm.DIRECT ? List.of() : provider.tileTransforms();
    }

    /** How a convolution may be computed. */
    public enum Algorithm {
        /** Winograd's where it needs less work. */
        CHEAPEST,
        /** As a matrix multiply, always. */
        DIRECT
    }

    /**
     * {@code y = epilogue(x * w)}, all of y written.
     *
     * @param x {@code [N, H, W, C]}
     * @param w {@code [O, C, KH, KW]}, DL4J's order
     * @param y {@code [N, OH, OW, O]}
     */
    public void forward(ConvolutionShape s, float[] x, float[] w, float[] y, Epilogue epilogue) {
        Optional<WinogradShape> shape = cheapest(s);
        if (shape.isPresent()) {
            winograd.convolve(
                    shape.get(), x, new Filters(s, w, false, shape.get().phases()), y, epilogue);
        } else {
            direct.forward(s, x, w, y, epilogue);
        }
    }

    /**
     * The gradient of x from the gradient of the sums, all of dx written.
     *
     * @param dy {@code [N, OH, OW, O]}
     * @param w {@code [O, C, KH, KW]}
     * @param dx {@code [N, H, W, C]}
     */
    public void backwardData(ConvolutionShape s, float[] dy, float[] w, float[] dx) {
        boolean unstrided = s.strideHeight() == 1 && s.strideWidth() == 1;
        Optional<WinogradShape> shape = unstrided ? cheapest(s.backwardData()) : Optional.empty();
        if (shape.isPresent()) {
            winograd.convolve(shape.get(), dy, new Filters(s, w, true, 1), dx, Epilogue.NONE);
        } else {
            direct.backwardData(s, dy, w, dx);
        }
    }

    /**
     * The gradient of the filters, all of dw written.
     *
     * @param x {@code [N, H, W, C]}
     * @param dy {@code [N, OH, OW, O]}
     * @param dw {@code [O, C, KH, KW]}
     */
    public void backwardFilter(ConvolutionShape s, float[] x, float[] dy, float[] dw) {
        Optional<WinogradShape> shape = cheapest(s);
        if (shape.isPresent()) {
            winograd.backwardFilter(
                    shape.get(), x, dy, new FilterGradients(s, dw, shape.get().phases()));
        } else {
            direct.backwardFilter(s, x, dy, dw);
        }
    }

    /**
     * Prepares the gradient of what a convolution with bias and ReLU stored: where ReLU let nothing through it becomes 0, and the
     * bias's gradient is the sum over the pixels.
     *
     * @param y what {@link #forward} stored, or null without ReLU
     * @param dy {@code [N, OH, OW, O]}, changed in place
     * @param db {@code [O]}, all of it written, or null without bias
     */
    public void backwardEpilogue(ConvolutionShape s, float[] y, float[] dy, float[] db) {
        int o = s.filters();
        int blocks = (s.pixels() + BIAS_BLOCK - 1) / BIAS_BLOCK;
        biasSums = ScratchArray.atLeast(biasSums, blocks * o);
        team.run(blocks, block -> {
            int sum = block * o;
            int end = Math.min(s.pixels(), (block + 1) * BIAS_BLOCK);
            Arrays.fill(biasSums, sum, sum + o, 0);
            for (int pixel = block * BIAS_BLOCK; pixel < end; pixel++) {
                if (y != null) {
                    epilogueKernel.gate(o, y, dy, pixel * o);
                }
                epilogueKernel.add(o, dy, pixel * o, biasSums, sum);
            }
        });
        if (db != null) {
            Arrays.fill(db, 0, o, 0);
            for (int block = 0; block < blocks; block++) {
                epilogueKernel.add(o, biasSums, block * o, db, 0);
            }
        }
    }

    private Optional<WinogradShape> cheapest(ConvolutionShape s) {
        return cheapest.computeIfAbsent(s, shape -> WinogradShape.cheapest(shape, tiles));
    }
}
