/**
 * Local response normalization across channels, forward and backward, on {@code float[]} in {@code [N, H, W, C]}. {@link
 * org.starling.kernels.lrn.LrnKernel} lists the steps that are computed on vectors.
 */
package org.starling.kernels.lrn;
