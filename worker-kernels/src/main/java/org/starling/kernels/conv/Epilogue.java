package org.starling.kernels.conv;

/**
 * What happens to a convolution's sums on their way to memory: {@code y = max(0, sum + b)}, each part if wanted.
 *
 * @param bias of each filter, or null for none
 * @param relu whether negative values become 0
 */
public record Epilogue(float[] bias, boolean relu) {
    /** Sums as they are. */
    public static final Epilogue NONE = new Epilogue(null, false);

    /** Stores the sums of one pixel, one a filter. {@code from} may be {@code to}, at the same place. */
    void store(float[] from, int at, float[] to, int out, int filters) {
        if (relu) {
            rectified(from, at, to, out, filters);
        } else if (bias != null) {
            for (int o = 0; o < filters; o++) {
                to[out + o] = from[at + o] + bias[o];
            }
        } else if (from != to) {
            System.arraycopy(from, at, to, out, filters);
        }
    }

    private void rectified(float[] from, int at, float[] to, int out, int filters) {
        if (bias == null) {
            for (int o = 0; o < filters; o++) {
                to[out + o] = Math.max(0f, from[at + o]);
            }
        } else {
            for (int o = 0; o < filters; o++) {
                to[out + o] = Math.max(0f, from[at + o] + bias[o]);
            }
        }
    }
}
