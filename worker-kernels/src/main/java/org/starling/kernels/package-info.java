/**
 * What all kernels share: the provider, chosen once a JVM, the vector width, and the threads that compute for a task. The kernels themselves live
 * in the packages below. Depends on no Spark and no DL4J.
 */
package org.starling.kernels;
