/**
 * Max and average pooling, forward and backward, on {@code float[]} in {@code [N, H, W, C]}. Both passes gather: an output pixel from the cells
 * of its window, an input pixel's gradient from the windows that it lies in, so that everything is written once and rows are independent
 * pieces of work. {@link org.starling.kernels.pool.PoolingKernel} lists what is computed on vectors.
 */
package org.starling.kernels.pool;
