/**
 * Starling for networks that are trained with dl4j-spark: a TrainingMaster with dl4j-spark's vocabulary that computes with Starling's kernels and
 * averages as {@code org.starling.averaging} does. Stands on averaging and on what training shares; nothing else in the driver knows of it.
 */
package org.starling.dl4j;
