package org.starling.checkpoint;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.starling.model.ParameterTensor;
import org.starling.model.SequentialModel;

/** The arrays of a network whose flat vector is read in order. */
final class FlatWeights implements WeightSource {
    /** Reads a flat vector. */
    interface Vector {
        void read(CoefficientsFormat.Sink sink) throws IOException;
    }

    private final SequentialModel model;
    private final Vector vector;

    FlatWeights(SequentialModel model, Vector vector) {
        this.model = model;
        this.vector = vector;
    }

    @Override
    public List<Array> arrays() {
        return model.parameters().stream()
                .map(tensor -> new Array(
                        tensor.layer(), tensor.name(), model.layout(tensor).shape()))
                .toList();
    }

    @Override
    public void read(Sink sink) throws IOException {
        vector.read(new Cutting(model.parameters(), sink));
    }

    /** Cuts the vector into its arrays. */
    private static final class Cutting implements CoefficientsFormat.Sink {
        private final List<ParameterTensor> tensors;
        private final Sink sink;
        private int array;
        private long offset;

        Cutting(List<ParameterTensor> tensors, Sink sink) {
            this.tensors = tensors;
            this.sink = sink;
        }

        @Override
        public void accept(float[] chunk, int length) {
            int from = 0;
            while (from < length) {
                int n = (int) Math.min(length - from, tensors.get(array).length() - offset);
                sink.accept(array, offset, from == 0 ? chunk : Arrays.copyOfRange(chunk, from, from + n), n);
                from += n;
                offset += n;
                if (offset == tensors.get(array).length()) {
                    array++;
                    offset = 0;
                }
            }
        }
    }
}
