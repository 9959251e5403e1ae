/**
 * Reads Keras Sequential files and translates them: layers with their shapes and costs, the flat parameter vector and its initial
 * values, and a configuration that stock DL4J understands. May depend on Jackson, DL4J's configurations and Hadoop's FileSystem;
 * knows nothing of data, training or Spark.
 */
package org.starling.model;
