package org.starling.dl4j;

import java.io.Serializable;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.starling.averaging.Contribution;
import org.starling.model.Slice;
import org.starling.model.SlicePlan;

/** A network's flat vectors in slices: 0 are its parameters, 1 is its updater's state, where it has one and it is wanted. No copies. */
final class NetworkVectors {
    private final List<Vector> vectors;

    private record Vector(INDArray array, FloatBuffer values, SlicePlan plan) {
        static Vector of(INDArray array) {
            return new Vector(array, array.data().asNioFloat().slice(), SlicePlan.of(array.length()));
        }

        FloatBuffer slice(int index) {
            return values.slice((int) plan.offset(index), plan.lengthOf(index));
        }
    }

    private NetworkVectors(Stream<INDArray> arrays) {
        this.vectors = arrays.map(Vector::of).toList();
    }

    static NetworkVectors of(MultiLayerNetwork network, boolean withUpdater) {
        List<INDArray> arrays = new ArrayList<>(List.of(network.params()));
        INDArray state = withUpdater ? network.getUpdater().getStateViewArray() : null;
        if (state != null) {
            arrays.add(state);
        }
        return new NetworkVectors(arrays.stream());
    }

    /** Vectors of their own with the same values. */
    NetworkVectors copy() {
        return new NetworkVectors(vectors.stream().map(vector -> vector.array().dup()));
    }

    /** Overwrites all values by another's of the same lengths. */
    void assign(NetworkVectors other) {
        for (int v = 0; v < vectors.size(); v++) {
            vectors.get(v).array().assign(other.vectors.get(v).array());
        }
    }

    int count() {
        return vectors.size();
    }

    /** All slices of all vectors. */
    Stream<SliceName> names() {
        return IntStream.range(0, vectors.size()).boxed().flatMap(v -> IntStream.range(
                        0, vectors.get(v).plan().slices())
                .mapToObj(index -> new SliceName(v, index)));
    }

    void load(Slice slice) {
        vectors.get(slice.vector()).slice(slice.index()).put(slice.values());
    }

    /** One slice, whose values stay here until they are written. */
    Contribution contribution(SliceName name, int replica) {
        FloatBuffer values = vectors.get(name.vector()).slice(name.index());
        return Contribution.of(name.vector(), name.index(), replica, values);
    }

    /** Which slice of which vector. */
    record SliceName(int vector, int index) implements Serializable {
        private static final long serialVersionUID = 1L;
    }
}
