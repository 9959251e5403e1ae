package org.starling.data;

import java.io.Serializable;
import java.util.List;

/**
 * What one replica trains on: the only element of its RDD partition.
 *
 * @param replica number of the replica, the partition's index
 * @param records its images, in the order in which they were dealt
 */
public record Shard(int replica, List<ImageRecord> records) implements Serializable {}
