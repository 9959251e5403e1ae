package org.starling.kernels.winograd;

import java.util.List;

/** The tile transforms there are. */
public final class TileTransforms {
    private TileTransforms() {}

    /** Plain Java, needs nothing. */
    public static List<TileTransform> scalar() {
        return List.of(new ScalarF4x3(), new ScalarF5x3(), new ScalarF6x3(), new ScalarF4x5());
    }

    /** On the JDK Vector API, whose module must be there. */
    public static List<TileTransform> vector() {
        return List.of(new VectorF4x3(), new VectorF5x3(), new VectorF6x3(), new VectorF4x5());
    }
}
