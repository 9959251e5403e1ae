/**
 * Convolution forward, backward-data and backward-filter on {@code float[]} in {@code [N, H, W, C]}, as matrix multiplies whose left-hand side
 * is gathered patch by patch (implicit GEMM). Depends on the gemm package.
 */
package org.starling.kernels.conv;
