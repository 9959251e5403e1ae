/**
 * What a trained network is worth and what it says: accuracy, loss and confusion over a labelled set, and predictions for images, one network
 * or an ensemble, as Spark jobs. May depend on the model, data and checkpoint packages, not on training.
 */
package org.starling.evaluation;
