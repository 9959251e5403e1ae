package org.starling.averaging;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.starling.model.Slice;

/**
 * How a replica's change of a slice travels to the partition that averages it. Rounds to nearest, ties to even, in plain Java: the same bytes
 * everywhere.
 */
public enum ChangeFormat {
    /** The upper half of a float, 2 bytes an element. */
    BFLOAT16 {
        @Override
        public byte[] encode(float[] change) {
            ByteBuffer bytes = ByteBuffer.allocate(change.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (float value : change) {
                bytes.putShort(upperHalf(value));
            }
            return bytes.array();
        }

        private short upperHalf(float value) {
            int bits = Float.floatToIntBits(value);
            if (Float.isNaN(value)) {
                return (short) (bits >>> 16);
            }
            int tie = bits >>> 16 & 1;
            return (short) (bits + 0x7FFF + tie >>> 16);
        }

        @Override
        public float[] decode(byte[] content) {
            ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
            float[] change = new float[content.length / Short.BYTES];
            for (int i = 0; i < change.length; i++) {
                change[i] = Float.intBitsToFloat(bytes.getShort() << 16);
            }
            return change;
        }
    },

    /** Whole multiples, from -127 to 127, of one scale a slice: a float, then a byte an element. */
    INT8 {
        @Override
        public byte[] encode(float[] change) {
            float largest = 0;
            for (float value : change) {
                largest = Math.max(largest, Math.abs(value));
            }
            float scale = largest / LEVELS;
            ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES + change.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.putFloat(scale);
            for (float value : change) {
                // A slice of zeros, or of values too small for a scale, has scale 0.
                double level = scale == 0 ? 0 : Math.rint((double) value / scale);
                bytes.put((byte) Math.max(-LEVELS, Math.min(LEVELS, level)));
            }
            return bytes.array();
        }

        @Override
        public float[] decode(byte[] content) {
            ByteBuffer bytes = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
            float scale = bytes.getFloat();
            float[] change = new float[content.length - Float.BYTES];
            for (int i = 0; i < change.length; i++) {
                change[i] = bytes.get() * scale;
            }
            return change;
        }
    };

    private static final int LEVELS = 127;

    /** The change as it travels. What is not finite stays so. */
    public abstract byte[] encode(float[] change);

    /** What arrives. */
    public abstract float[] decode(byte[] content);

    Slice decode(Slice encoded) {
        float[] change = decode(encoded.content());
        return Slice.of(encoded.vector(), encoded.index(), encoded.replica(), change, change.length);
    }
}
