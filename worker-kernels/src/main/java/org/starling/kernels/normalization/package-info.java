/** From the bytes of pixels to what a network sees of them. */
package org.starling.kernels.normalization;
