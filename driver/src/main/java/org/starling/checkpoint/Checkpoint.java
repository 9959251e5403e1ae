package org.starling.checkpoint;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The manifest of a checkpoint: the last thing written, and all that makes the parts beside it one.
 *
 * @param formatVersion {@link #FORMAT_VERSION}, or an earlier one of a checkpoint that was read
 * @param starlingVersion that wrote it
 * @param kernels what the executors computed with, such as {@code vector-512}; from version 2, empty before
 * @param round last round it holds, from 1
 * @param epoch epoch in which the next round lies, from 0
 * @param step local steps of that epoch already made
 * @param parameters elements of the parameter vector
 * @param sliceLength elements of a slice
 * @param replicas partitions the slices are dealt to
 * @param identity what may not differ when a run goes on: model, data, seed, batch, stepsPerRound, optimizer
 * @param settings the run's settings, flattened, secrets redacted
 * @param progress state of the run at the driver: schedule, best metric, early stopping
 * @param accuracy validation top-1 of these very parameters; null when they were not validated, and before version 2
 * @param parts one a partition, in order
 */
public record Checkpoint(
        int formatVersion,
        String starlingVersion,
        SortedSet<String> kernels,
        int round,
        int epoch,
        int step,
        long parameters,
        int sliceLength,
        int replicas,
        SortedMap<String, String> identity,
        SortedMap<String, String> settings,
        Map<String, Double> progress,
        Double accuracy,
        List<Part> parts) {

    /** Version 1 had no kernels, no accuracy and no checksum of the manifest itself. */
    public static final int FORMAT_VERSION = 2;

    public Checkpoint {
        kernels = kernels == null ? new TreeSet<>() : kernels;
    }

    /**
     * @param name file in the checkpoint's folder
     * @param slices slices in it
     * @param length bytes
     * @param crc32c of all its bytes
     */
    public record Part(String name, int slices, long length, long crc32c) implements Serializable {}

    /** The same with its parts. */
    Checkpoint withParts(List<Part> written) {
        return new Checkpoint(
                formatVersion,
                starlingVersion,
                kernels,
                round,
                epoch,
                step,
                parameters,
                sliceLength,
                replicas,
                identity,
                settings,
                progress,
                accuracy,
                written);
    }
}
