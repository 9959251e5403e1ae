package org.starling.layers;

/** Told how long Starling's layers take, for benchmarks. Called by the thread that runs the network. */
public interface LayerClock {
    /** A clock that nobody reads. */
    LayerClock NONE = (layer, pass, nanos) -> {};

    /** Which way a layer was passed. */
    enum Pass {
        FORWARD,
        BACKWARD
    }

    /**
     * @param layer name in the network's configuration
     * @param pass forward, or backward with all gradients of the layer
     * @param nanos of wall-clock time, reading and writing DL4J's arrays included
     */
    void took(String layer, Pass pass, long nanos);
}
