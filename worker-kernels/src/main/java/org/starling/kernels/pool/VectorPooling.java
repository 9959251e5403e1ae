package org.starling.kernels.pool;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.starling.kernels.VectorWidth;

/**
 * Pooling on whole vectors of channels; the scalar kernel does the rest. Every loop runs along the channels of a few cells and accumulates in the
 * result, which stays in the first-level cache: memory is read in its order, and no vector is carried from one turn of a loop to the next.
 */
final class VectorPooling implements PoolingKernel {
    private static final VectorSpecies<Float> SPECIES = VectorWidth.SPECIES;
    private static final int LANES = SPECIES.length();

    /** Three cells at a time, a row of the usual window. The last is repeated to fill up: it is not larger than itself. */
    @Override
    public void maximum(
            int channels, float[] x, int count, int[] cells, float[] positions, float[] y, float[] argmax, int yo) {
        int whole = SPECIES.loopBound(channels);
        int last = count - 1;
        Arrays.fill(y, yo, yo + whole, Float.NEGATIVE_INFINITY);
        if (argmax == null) {
            for (int t = 0; t < count; t += 3) {
                int t1 = Math.min(t + 1, last);
                int t2 = Math.min(t + 2, last);
                largestOf(whole, x, cells[t], cells[t1], cells[t2], y, yo);
            }
        } else {
            Arrays.fill(argmax, yo, yo + whole, positions[0]);
            for (int t = 0; t < count; t += 3) {
                int t1 = Math.min(t + 1, last);
                int t2 = Math.min(t + 2, last);
                largestOf(
                        whole,
                        x,
                        cells[t],
                        cells[t1],
                        cells[t2],
                        positions[t],
                        positions[t1],
                        positions[t2],
                        y,
                        argmax,
                        yo);
            }
        }
        ScalarPooling.maximumFrom(whole, channels, x, count, cells, positions, y, argmax, yo);
    }

    private static void largestOf(int whole, float[] x, int x0, int x1, int x2, float[] y, int yo) {
        for (int c = 0; c < whole; c += LANES) {
            FloatVector largest = FloatVector.fromArray(SPECIES, y, yo + c);
            FloatVector value = FloatVector.fromArray(SPECIES, x, x0 + c);
            largest = largest.blend(value, value.compare(VectorOperators.GT, largest));
            value = FloatVector.fromArray(SPECIES, x, x1 + c);
            largest = largest.blend(value, value.compare(VectorOperators.GT, largest));
            value = FloatVector.fromArray(SPECIES, x, x2 + c);
            largest = largest.blend(value, value.compare(VectorOperators.GT, largest));
            largest.intoArray(y, yo + c);
        }
    }

    private static void largestOf(
            int whole,
            float[] x,
            int x0,
            int x1,
            int x2,
            float position0,
            float position1,
            float position2,
            float[] y,
            float[] argmax,
            int yo) {
        FloatVector p0 = FloatVector.broadcast(SPECIES, position0);
        FloatVector p1 = FloatVector.broadcast(SPECIES, position1);
        FloatVector p2 = FloatVector.broadcast(SPECIES, position2);
        for (int c = 0; c < whole; c += LANES) {
            FloatVector largest = FloatVector.fromArray(SPECIES, y, yo + c);
            FloatVector position = FloatVector.fromArray(SPECIES, argmax, yo + c);
            FloatVector value = FloatVector.fromArray(SPECIES, x, x0 + c);
            VectorMask<Float> larger = value.compare(VectorOperators.GT, largest);
            largest = largest.blend(value, larger);
            position = position.blend(p0, larger);
            value = FloatVector.fromArray(SPECIES, x, x1 + c);
            larger = value.compare(VectorOperators.GT, largest);
            largest = largest.blend(value, larger);
            position = position.blend(p1, larger);
            value = FloatVector.fromArray(SPECIES, x, x2 + c);
            larger = value.compare(VectorOperators.GT, largest);
            largest = largest.blend(value, larger);
            position = position.blend(p2, larger);
            largest.intoArray(y, yo + c);
            position.intoArray(argmax, yo + c);
        }
    }

    /** Two windows at a time: at the usual stride of 2 a cell lies in 1, 2 or 4. The first ones write, to spare a pass that clears. */
    @Override
    public void maximumGradient(
            int channels, float[] dy, float[] argmax, int count, int[] windows, float[] positions, float[] dx, int xo) {
        int whole = SPECIES.loopBound(channels);
        int t = Math.min(count, 2);
        switch (t) {
            case 0 -> Arrays.fill(dx, xo, xo + whole, 0);
            case 1 -> write(whole, dy, argmax, windows[0], positions[0], dx, xo);
            default -> write(whole, dy, argmax, windows[0], windows[1], positions[0], positions[1], dx, xo);
        }
        for (; t + 2 <= count; t += 2) {
            add(whole, dy, argmax, windows[t], windows[t + 1], positions[t], positions[t + 1], dx, xo);
        }
        if (t < count) {
            add(whole, dy, argmax, windows[t], positions[t], dx, xo);
        }
        ScalarPooling.maximumGradientFrom(whole, channels, dy, argmax, count, windows, positions, dx, xo);
    }

    private static void write(int whole, float[] dy, float[] argmax, int window, float position, float[] dx, int xo) {
        FloatVector here = FloatVector.broadcast(SPECIES, position);
        for (int c = 0; c < whole; c += LANES) {
            FloatVector.zero(SPECIES).add(routed(dy, argmax, window + c, here)).intoArray(dx, xo + c);
        }
    }

    private static void write(
            int whole,
            float[] dy,
            float[] argmax,
            int window0,
            int window1,
            float position0,
            float position1,
            float[] dx,
            int xo) {
        FloatVector here0 = FloatVector.broadcast(SPECIES, position0);
        FloatVector here1 = FloatVector.broadcast(SPECIES, position1);
        for (int c = 0; c < whole; c += LANES) {
            FloatVector.zero(SPECIES)
                    .add(routed(dy, argmax, window0 + c, here0))
                    .add(routed(dy, argmax, window1 + c, here1))
                    .intoArray(dx, xo + c);
        }
    }

    private static void add(int whole, float[] dy, float[] argmax, int window, float position, float[] dx, int xo) {
        FloatVector here = FloatVector.broadcast(SPECIES, position);
        for (int c = 0; c < whole; c += LANES) {
            FloatVector.fromArray(SPECIES, dx, xo + c)
                    .add(routed(dy, argmax, window + c, here))
                    .intoArray(dx, xo + c);
        }
    }

    private static void add(
            int whole,
            float[] dy,
            float[] argmax,
            int window0,
            int window1,
            float position0,
            float position1,
            float[] dx,
            int xo) {
        FloatVector here0 = FloatVector.broadcast(SPECIES, position0);
        FloatVector here1 = FloatVector.broadcast(SPECIES, position1);
        for (int c = 0; c < whole; c += LANES) {
            FloatVector.fromArray(SPECIES, dx, xo + c)
                    .add(routed(dy, argmax, window0 + c, here0))
                    .add(routed(dy, argmax, window1 + c, here1))
                    .intoArray(dx, xo + c);
        }
    }

    /**
     * The gradient where the maximum was here, elsewhere zero. To add zero is to add nothing, as scalar code does: a sum that starts at positive
     * zero is never negative zero.
     */
    private static FloatVector routed(float[] dy, float[] argmax, int at, FloatVector here) {
        VectorMask<Float> hit = FloatVector.fromArray(SPECIES, argmax, at).compare(VectorOperators.EQ, here);
        return FloatVector.zero(SPECIES).blend(FloatVector.fromArray(SPECIES, dy, at), hit);
    }

    @Override
    public void mean(int channels, float[] x, int count, int[] cells, float[] y, int yo) {
        int whole = SPECIES.loopBound(channels);
        Arrays.fill(y, yo, yo + whole, 0);
        int t = 0;
        for (; t + 3 <= count; t += 3) {
            add(whole, x, cells[t], cells[t + 1], cells[t + 2], y, yo);
        }
        for (; t < count; t++) {
            add(whole, x, cells[t], y, yo);
        }
        for (int c = 0; c < whole; c += LANES) {
            FloatVector.fromArray(SPECIES, y, yo + c).div((float) count).intoArray(y, yo + c);
        }
        ScalarPooling.meanFrom(whole, channels, x, count, cells, y, yo);
    }

    private static void add(int whole, float[] x, int x0, int x1, int x2, float[] y, int yo) {
        for (int c = 0; c < whole; c += LANES) {
            FloatVector.fromArray(SPECIES, y, yo + c)
                    .add(FloatVector.fromArray(SPECIES, x, x0 + c))
                    .add(FloatVector.fromArray(SPECIES, x, x1 + c))
                    .add(FloatVector.fromArray(SPECIES, x, x2 + c))
                    .intoArray(y, yo + c);
        }
    }

    private static void add(int whole, float[] x, int cell, float[] y, int yo) {
        for (int c = 0; c < whole; c += LANES) {
            FloatVector.fromArray(SPECIES, y, yo + c)
                    .add(FloatVector.fromArray(SPECIES, x, cell + c))
                    .intoArray(y, yo + c);
        }
    }

    @Override
    public void meanGradient(int channels, float[] dy, int count, int[] windows, float[] sizes, float[] dx, int xo) {
        int whole = SPECIES.loopBound(channels);
        Arrays.fill(dx, xo, xo + whole, 0);
        for (int t = 0; t < count; t++) {
            addShare(whole, dy, windows[t], sizes[t], dx, xo);
        }
        ScalarPooling.meanGradientFrom(whole, channels, dy, count, windows, sizes, dx, xo);
    }

    private static void addShare(int whole, float[] dy, int window, float size, float[] dx, int xo) {
        FloatVector cells = FloatVector.broadcast(SPECIES, size);
        for (int c = 0; c < whole; c += LANES) {
            FloatVector share = FloatVector.fromArray(SPECIES, dy, window + c).div(cells);
            FloatVector.fromArray(SPECIES, dx, xo + c).add(share).intoArray(dx, xo + c);
        }
    }
}
