/**
 * A real cluster on this machine for integration tests: Spark's Master and Workers as JVMs of their own, HDFS, and jobs sent to
 * them from the cluster jar as spark-submit sends them.
 */
package org.starling.jobs.cluster;
