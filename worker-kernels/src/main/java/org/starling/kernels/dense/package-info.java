/** The fully connected layer, all three passes, on the matrix multiply. Depends on {@link org.starling.kernels.gemm}. */
package org.starling.kernels.dense;
