package org.starling.layers;

import org.deeplearning4j.optimize.api.TrainingListener;

/**
 * A listener that reads no activations but the network's scores, the last of them. For any other listener that is told of activations, all of
 * them are written out in their declared layout, which costs time.
 */
public interface ScoresListener extends TrainingListener {}
