/**
 * JPEG pictures as nearly all are (ITU-T T.81 baseline: sequential, Huffman codes, 8 bits, one scan), decoded faster than javax.imageio does and to the
 * same bits. What is not of this kind, or damaged, is left to it.
 */
package org.starling.data.jpeg;
