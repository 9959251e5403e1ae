package org.starling.training;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.optimizer.Optimizer;
import org.starling.model.ParameterTensor;
import org.starling.model.ParameterTensor.Role;
import org.starling.training.TrainingConfiguration.ClippingSettings;

/**
 * One optimizer step over a network's flat vectors, in this order: divide the summed gradient by the images of the batch, add the layers'
 * own regularizers (part of the loss, as in Keras), clip each array and then the whole gradient to their largest norms, add weight decay
 * to kernels without a regularizer of their own, and apply the optimizer. Running statistics of batch normalization take the change that
 * the network itself supplies.
 *
 * <p>Works in chunks, which the team's threads share, so that no copy of a whole vector is made. Every element is computed alone, and norms are summed in double in flat
 * order: the bits do not depend on the chunks.
 */
final class ParameterUpdate {
    /** 64 KB a chunk and array: four of them stay in the second-level cache. */
    private static final int CHUNK = 1 << 14;

    private final List<ParameterTensor> tensors;
    private final Optimizer optimizer;
    private final double weightDecay;
    private final ClippingSettings clipping;
    private final ComputeTeam team;
    private final List<Chunk> chunks = new ArrayList<>();
    private final ThreadLocal<Scratch> scratch;

    /** Elements of one tensor that are updated together. */
    private record Chunk(int tensor, int offset, int length) {}

    /** A chunk's parameters, gradient and optimizer state. */
    private record Scratch(float[] w, float[] g, float[][] s) {}

    /** @param tensors the arrays that change; others may lie between them */
    ParameterUpdate(
            ComputeTeam team,
            List<ParameterTensor> tensors,
            Optimizer optimizer,
            double weightDecay,
            ClippingSettings clipping) {
        this.team = team;
        this.tensors = tensors;
        this.optimizer = optimizer;
        this.weightDecay = weightDecay;
        this.clipping = clipping;
        this.scratch = ThreadLocal.withInitial(
                () -> new Scratch(new float[CHUNK], new float[CHUNK], new float[optimizer.stateVectors()][CHUNK]));
        for (int t = 0; t < tensors.size(); t++) {
            ParameterTensor tensor = tensors.get(t);
            for (long done = 0; done < tensor.length(); done += CHUNK) {
                int length = (int) Math.min(CHUNK, tensor.length() - done);
                chunks.add(new Chunk(t, (int) (tensor.offset() + done), length));
            }
        }
    }

    /**
     * @param parameters the whole flat vector from index 0, changed in place; its position is not used
     * @param gradient of the summed loss, the whole flat vector from index 0
     * @param state the optimizer's state vectors, changed in place
     * @param divisor what turns the summed gradient into the mean: the images of the batch
     * @param step number of the step since the state was zero, from 1
     */
    void apply(
            FloatBuffer parameters,
            FloatBuffer gradient,
            float[][] state,
            float divisor,
            double learningRate,
            long step) {
        float[] scales = clippingScales(parameters, gradient, divisor);
        team.run(chunks.size(), number -> {
            Chunk chunk = chunks.get(number);
            ParameterTensor tensor = tensors.get(chunk.tensor());
            int n = chunk.length();
            Scratch mine = scratch.get();
            parameters.get(chunk.offset(), mine.w(), 0, n);
            gradient.get(chunk.offset(), mine.g(), 0, n);
            if (tensor.role() == Role.RUNNING_STATISTIC) {
                for (int i = 0; i < n; i++) {
                    mine.w()[i] -= mine.g()[i];
                }
            } else {
                meanGradient(mine, tensor, n, divisor);
                scale(mine.g(), scales[chunk.tensor()], n);
                decay(mine, tensor, n);
                updateChunk(mine, state, chunk.offset(), n, learningRate, step);
            }
            parameters.put(chunk.offset(), mine.w(), 0, n);
        });
    }

    private void updateChunk(Scratch mine, float[][] state, int offset, int n, double learningRate, long step) {
        for (int v = 0; v < state.length; v++) {
            System.arraycopy(state[v], offset, mine.s()[v], 0, n);
        }
        optimizer.update(mine.w(), mine.g(), mine.s(), n, learningRate, step);
        for (int v = 0; v < state.length; v++) {
            System.arraycopy(mine.s()[v], 0, state[v], offset, n);
        }
    }

    /** Turns a chunk's gradient into the gradient of the mean loss, regularizers included. */
    private static void meanGradient(Scratch mine, ParameterTensor tensor, int n, float divisor) {
        float[] w = mine.w();
        float[] g = mine.g();
        for (int i = 0; i < n; i++) {
            g[i] /= divisor;
        }
        if (tensor.l2() != 0) {
            float twice = (float) (2 * tensor.l2());
            for (int i = 0; i < n; i++) {
                g[i] += twice * w[i];
            }
        }
        if (tensor.l1() != 0) {
            float l1 = (float) tensor.l1();
            for (int i = 0; i < n; i++) {
                g[i] += l1 * Math.signum(w[i]);
            }
        }
    }

    private static void scale(float[] g, float factor, int n) {
        if (factor != 1) {
            for (int i = 0; i < n; i++) {
                g[i] *= factor;
            }
        }
    }

    private void decay(Scratch mine, ParameterTensor tensor, int n) {
        if (weightDecay != 0 && tensor.role() == Role.KERNEL && tensor.l1() == 0 && tensor.l2() == 0) {
            float decay = (float) weightDecay;
            float[] w = mine.w();
            float[] g = mine.g();
            for (int i = 0; i < n; i++) {
                g[i] += decay * w[i];
            }
        }
    }

    /** The factor of each array's gradient, 1 where no limit is exceeded. */
    private float[] clippingScales(FloatBuffer parameters, FloatBuffer gradient, float divisor) {
        float[] scales = new float[tensors.size()];
        java.util.Arrays.fill(scales, 1f);
        if (clipping.arrayNorm() == 0 && clipping.globalNorm() == 0) {
            return scales;
        }
        double globalSquare = 0;
        for (int t = 0; t < scales.length; t++) {
            double square = squaredNorm(tensors.get(t), parameters, gradient, divisor);
            double norm = Math.sqrt(square);
            if (clipping.arrayNorm() > 0 && norm > clipping.arrayNorm()) {
                scales[t] = (float) (clipping.arrayNorm() / norm);
                square = clipping.arrayNorm() * clipping.arrayNorm();
            }
            globalSquare += square;
        }
        double globalNorm = Math.sqrt(globalSquare);
        if (clipping.globalNorm() > 0 && globalNorm > clipping.globalNorm()) {
            for (int t = 0; t < scales.length; t++) {
                scales[t] = (float) (scales[t] * (clipping.globalNorm() / globalNorm));
            }
        }
        return scales;
    }

    private double squaredNorm(ParameterTensor tensor, FloatBuffer parameters, FloatBuffer gradient, float divisor) {
        if (tensor.role() == Role.RUNNING_STATISTIC) {
            return 0;
        }
        double square = 0;
        Scratch mine = scratch.get();
        for (long done = 0; done < tensor.length(); done += CHUNK) {
            int offset = (int) (tensor.offset() + done);
            int n = (int) Math.min(CHUNK, tensor.length() - done);
            parameters.get(offset, mine.w(), 0, n);
            gradient.get(offset, mine.g(), 0, n);
            meanGradient(mine, tensor, n, divisor);
            for (int i = 0; i < n; i++) {
                square += (double) mine.g()[i] * mine.g()[i];
            }
        }
        return square;
    }
}
