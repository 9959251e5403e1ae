package org.starling.checkpoint;

import java.io.IOException;
import java.util.List;

/** The named arrays of a trained network, in a file of whatever kind. Only a chunk of them is in memory at a time, or one array. */
public interface WeightSource {
    /** Every array, in the order in which {@link #read} goes through them. */
    List<Array> arrays();

    /**
     * Reads all arrays.
     *
     * @throws org.starling.InputException when the file is not what it was when it was opened, or is damaged
     */
    void read(Sink sink) throws IOException;

    /**
     * @param layer its name
     * @param name Keras's name of the array: kernel, bias, gamma, beta, moving_mean, moving_variance
     * @param shape in Keras: {@code {height, width, in, out}}, {@code {in, out}} or one number
     */
    record Array(String layer, String name, List<Integer> shape) {
        public Array {
            shape = List.copyOf(shape);
        }
    }

    /** Takes an array's values, in the order in which DL4J's flat vector has them. */
    interface Sink {
        /**
         * @param array its number in {@link #arrays}
         * @param offset of the first value within the array
         * @param values the first {@code length} of them; used again
         */
        void accept(int array, long offset, float[] values, int length);
    }
}
