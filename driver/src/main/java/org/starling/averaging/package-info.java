/**
 * Averaging of flat vectors that lie in slices on the executors: their exchange (reduce-scatter through Spark's shuffle), their weighted mean
 * and the step that is made with it, and their gathering (all-gather from the block managers). Knows nothing of networks or training.
 */
package org.starling.averaging;
