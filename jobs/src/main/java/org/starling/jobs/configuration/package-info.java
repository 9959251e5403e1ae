/**
 * Training files: the list of settings, how HOCON text and {@code key=value} assignments become a
 * {@link org.starling.training.TrainingConfiguration}, and what is said when they cannot. Depends on Typesafe Config and on
 * Hadoop's FileSystem, not on Spark.
 */
package org.starling.jobs.configuration;
