package org.starling.kernels;

/** Arrays that are kept from call to call and grow to the largest that was asked for. */
public final class ScratchArray {
    private ScratchArray() {}

    /** The array, or a new one where it is too short; what it holds does not matter. */
    public static float[] atLeast(float[] array, int length) {
        return array.length < length ? new float[length] : array;
    }
}
