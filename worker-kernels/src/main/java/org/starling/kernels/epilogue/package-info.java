/** What stands behind the sums of a convolution or dense layer: bias and ReLU, forward and backward. Depends on nothing. */
package org.starling.kernels.epilogue;
