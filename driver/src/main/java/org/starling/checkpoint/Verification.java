package org.starling.checkpoint;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.checkpoint.CheckpointStore.Stored;

/** Whether a checkpoint's parts are what its manifest says, in full: every byte is read, by the executors, before any is used. */
final class Verification {
    private static final int BUFFER = 1 << 20;

    private Verification() {}

    /** @return what is wrong with it, to be put after its name and a colon; empty when nothing is */
    static Optional<String> defect(JavaSparkContext spark, Configuration configuration, Stored stored) {
        Path folder = stored.folder();
        List<Checkpoint.Part> parts = List.copyOf(stored.manifest().parts());
        Optional<String> defect = missing(folder, parts, configuration);
        if (defect.isPresent()) {
            return defect;
        }
        SerializableConfiguration hadoop = new SerializableConfiguration(configuration);
        String name = folder.toString();
        return spark
                .parallelize(parts, parts.size())
                .map(part -> damage(new Path(name), part, hadoop.value()))
                .collect()
                .stream()
                .filter(Objects::nonNull)
                .findFirst();
    }

    /** What a listing tells, before anything is read. */
    private static Optional<String> missing(Path folder, List<Checkpoint.Part> parts, Configuration configuration) {
        Map<String, Long> lengths = new HashMap<>();
        try {
            for (FileStatus file : folder.getFileSystem(configuration).listStatus(folder)) {
                if (file.isFile()) {
                    lengths.put(file.getPath().getName(), file.getLen());
                }
            }
        } catch (IOException e) {
            return Optional.of("it cannot be listed: " + Reason.of(e));
        }
        for (Checkpoint.Part part : parts) {
            Long length = lengths.get(part.name());
            if (length == null) {
                return Optional.of("its part " + part.name() + " is missing");
            }
            if (length != part.length()) {
                return Optional.of(wrongLength(part, length));
            }
        }
        return Optional.empty();
    }

    /** Null when the part is whole. */
    private static String damage(Path folder, Checkpoint.Part part, Configuration configuration) {
        Path path = new Path(folder, part.name());
        CRC32C crc = new CRC32C();
        long length = 0;
        byte[] buffer = new byte[BUFFER];
        try {
            FileSystem fs = path.getFileSystem(configuration);
            try (InputStream in = fs.open(path)) {
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (TaskContext.get().isInterrupted()) {
                        throw new TaskKilledException("cancelled");
                    }
                    crc.update(buffer, 0, n);
                    length += n;
                }
            }
        } catch (FileNotFoundException e) {
            return "its part " + part.name() + " is missing";
        } catch (IOException e) {
            return "its part " + part.name() + " cannot be read: " + Reason.of(e);
        }
        if (length != part.length()) {
            return wrongLength(part, length);
        }
        if (crc.getValue() != part.crc32c()) {
            return String.format(
                    "its part %s has the CRC32C %08x, its manifest says %08x",
                    part.name(), crc.getValue(), part.crc32c());
        }
        return null;
    }

    private static String wrongLength(Checkpoint.Part part, long length) {
        return String.format("its part %s has %,d bytes, its manifest says %,d", part.name(), length, part.length());
    }
}
