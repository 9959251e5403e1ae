/**
 * Winograd's minimal filtering of tiles: what a tile size costs and the transforms of inputs, filters, outputs and their gradients, for the JDK
 * Vector API and scalar, with the same bits. Depends on nothing.
 */
package org.starling.kernels.winograd;
