/**
 * Labelled images on any Hadoop FileSystem: sources, decoding, the statistics of a training set, sharding into one RDD
 * partition a replica, and minibatches of normalized values. Depends on Spark, Hadoop and the image geometry of
 * {@link org.starling.model}, and on no network library.
 */
package org.starling.data;
