/**
 * Starling's operators as DL4J layers, installed into a built MultiLayerNetwork whose configuration and saved form stay stock. Depends on the
 * kernels and on DL4J.
 */
package org.starling.layers;
