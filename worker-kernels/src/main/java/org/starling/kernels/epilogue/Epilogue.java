package org.starling.kernels.epilogue;

/**
 * What happens to sums on their way to memory: {@code y = max(0, sum + b)}, each part if wanted.
 *
 * @param bias of each output, or null for none
 * @param relu whether negative values become 0
 */
public record Epilogue(float[] bias, boolean relu) {
    /** Sums as they are. */
    public static final Epilogue NONE = new Epilogue(null, false);
}
