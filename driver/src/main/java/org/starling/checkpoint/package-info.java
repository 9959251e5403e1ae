/**
 * What a run leaves on a Hadoop FileSystem: checkpoints, from which it goes on, and the model file, which other programs open. Nothing here
 * overwrites a file. May depend on the model and data packages, not on training.
 */
package org.starling.checkpoint;
