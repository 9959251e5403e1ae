/** Combining the replicas' vectors into one, in an order that never changes. Depends on nothing. */
package org.starling.kernels.average;
