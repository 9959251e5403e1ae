/**
 * From {@code bin/starling} to a running job: which JVM flags, memory and Spark settings a job needs, and where it runs. Depends
 * on the model and the training file, which decide the memory, and on nothing that starts Spark.
 */
package org.starling.jobs.launch;
