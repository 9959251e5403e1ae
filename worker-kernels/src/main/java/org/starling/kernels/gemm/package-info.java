/**
 * Single-precision matrix multiply on {@code float[]}: the contract ({@link org.starling.kernels.gemm.Gemm}), packing, blocking, and the
 * micro-kernels that hold a tile of the result in registers, for the JDK Vector API and scalar. Every element of the result is accumulated
 * over k in one order with fused multiply-adds, so all micro-kernels give the same bits. Depends on nothing.
 */
package org.starling.kernels.gemm;
