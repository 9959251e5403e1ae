/** Integration tests of training on a real cluster on this machine, and what they stand on: the built checkout, and HDFS. */
package org.starling.jobs.cluster;
