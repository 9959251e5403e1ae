package org.starling.kernels.dense;

/**
 * Geometry of a fully connected layer:
 *
 * <pre>y[n, o] = b[o] + sum_i x[n, i] w[o, i]</pre>
 *
 * @param examples N
 * @param inputs I
 * @param outputs O
 */
public record DenseShape(int examples, int inputs, int outputs) {}
