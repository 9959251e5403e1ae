package org.starling.layers;

import java.lang.ref.Reference;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.starling.kernels.ComputeTeam;

/** Copies tensors between DL4J's arrays and the kernels' {@code float[]}, images in {@code [N, H, W, C]}. */
final class ImageTensor {
    private ImageTensor() {}

    /** {@code [H, W, C]} of a tensor. */
    static int[] heightWidthChannels(INDArray tensor, CNN2DFormat format) {
        return format == CNN2DFormat.NHWC
                ? new int[] {(int) tensor.size(1), (int) tensor.size(2), (int) tensor.size(3)}
                : new int[] {(int) tensor.size(2), (int) tensor.size(3), (int) tensor.size(1)};
    }

    /** The shape of a tensor of images. */
    static long[] shape(int images, int height, int width, int channels, CNN2DFormat format) {
        return format == CNN2DFormat.NHWC
                ? new long[] {images, height, width, channels}
                : new long[] {images, channels, height, width};
    }

    /**
     * @param tensor of any data type, as DL4J's layers take one
     * @param format null for tensors that are no images
     */
    static void read(INDArray tensor, CNN2DFormat format, float[] to, ComputeTeam team) {
        INDArray floats = tensor.castTo(DataType.FLOAT);
        INDArray rows = format == CNN2DFormat.NCHW ? floats.permute(0, 2, 3, 1) : floats;
        boolean inOrder = rows.ordering() == 'c' && rows.elementWiseStride() == 1 && !rows.isView();
        INDArray source = inOrder ? rows : rows.dup('c');
        BufferCopy.get(source.data().asNioFloat(), to, (int) rows.length(), team);
        // The buffer does not keep what it looks at.
        Reference.reachabilityFence(source);
    }

    /**
     * @param tensor in c order, not a view
     * @param format null for tensors that are no images
     */
    static void write(float[] from, INDArray tensor, CNN2DFormat format, NetworkBuffers buffers) {
        int length = (int) tensor.length();
        if (format != CNN2DFormat.NCHW) {
            tensor.data().asNioFloat().put(from, 0, length);
            return;
        }
        int[] size = heightWidthChannels(tensor, format);
        int pixels = size[0] * size[1];
        int channels = size[2];
        float[] planes = buffers.layout(length);
        for (int image = 0; image < length; image += pixels * channels) {
            for (int pixel = 0; pixel < pixels; pixel++) {
                for (int c = 0; c < channels; c++) {
                    planes[image + c * pixels + pixel] = from[image + pixel * channels + c];
                }
            }
        }
        tensor.data().asNioFloat().put(planes, 0, length);
    }
}
