/**
 * The arithmetic of decoding a JPEG picture (ITU-T T.81, and T.871 for colours): the inverse cosine transform, chroma at the luma's resolution, red,
 * green and blue. {@link org.starling.kernels.jpeg.JpegKernel} lists the steps. All is in integers and gives what libjpeg gives by default, to the bit.
 */
package org.starling.kernels.jpeg;
