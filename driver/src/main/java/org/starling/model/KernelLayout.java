package org.starling.model;

import java.io.Serializable;
import java.util.List;

/**
 * Where the elements of a Keras array stand in DL4J's flat parameter vector. Keras's order, in which kernels are shown, imported
 * and exported, is row-major over {@code {height, width, in, out}} for a convolution and over {@code {in, out}} for a dense
 * layer. DL4J keeps a convolution row-major as {@code [out, in, height, width]} and a dense kernel column-major as
 * {@code [in, out]}. Vectors are alike.
 *
 * @param shape Keras's shape: one, two or four numbers
 */
public record KernelLayout(List<Integer> shape) implements Serializable {
    public KernelLayout {
        shape = List.copyOf(shape);
        if (shape.size() != 1 && shape.size() != 2 && shape.size() != 4) {
            throw new IllegalArgumentException("a kernel has one, two or four dimensions: " + shape);
        }
    }

    /** Number of elements. */
    public long length() {
        return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }

    /** Place within the tensor's part of the flat vector of the element at {@code kerasIndex} of Keras's row-major array. */
    public long position(long kerasIndex) {
        if (shape.size() == 1) {
            return kerasIndex;
        }
        long out = shape.get(shape.size() - 1);
        long in = shape.get(shape.size() - 2);
        long o = kerasIndex % out;
        long i = kerasIndex / out % in;
        long spatial = kerasIndex / out / in;
        return (o * in + i) * spatialSize() + spatial;
    }

    /** Inverse of {@link #position}. */
    public long kerasIndex(long position) {
        if (shape.size() == 1) {
            return position;
        }
        long out = shape.get(shape.size() - 1);
        long in = shape.get(shape.size() - 2);
        long spatial = position % spatialSize();
        long i = position / spatialSize() % in;
        long o = position / spatialSize() / in;
        return (spatial * in + i) * out + o;
    }

    private long spatialSize() {
        return shape.size() == 4 ? (long) shape.get(0) * shape.get(1) : 1;
    }
}
