/**
 * Spark on this machine as separate JVMs, for benchmarks and integration tests: Master and Workers of a standalone cluster, and
 * applications sent to a cluster as spark-submit sends them. Knows nothing of what the applications do.
 */
package org.starling.jobs.bench.cluster;
