package org.starling.data;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.InputException;

/** Reads all of a prepared set and compares it with its manifest. */
public final class PreparedCheck {
    private PreparedCheck() {}

    private record Named(String file, PreparedSet.Shard shard) implements Serializable {}

    /**
     * What is wrong, shard by shard.
     *
     * @param folder of the set, fully qualified
     * @return nothing where all is well
     * @throws InputException when there is no manifest that can be read
     */
    public static List<String> defects(JavaSparkContext spark, String folder) {
        Path path = new Path(folder);
        Configuration hadoop = spark.hadoopConfiguration();
        List<Named> shards = new ArrayList<>();
        try {
            PreparedSet.read(path.getFileSystem(hadoop), path).splits().forEach((split, content) -> content.shards()
                    .forEach(shard ->
                            shards.add(new Named(new Path(path, new Path(split, shard.name())).toString(), shard))));
        } catch (IOException e) {
            throw new InputException(folder + " cannot be read: " + SourceFiles.reason(e) + ".", e);
        }
        Broadcast<SerializableConfiguration> configuration = spark.broadcast(new SerializableConfiguration(hadoop));
        return spark.parallelize(shards, shards.size())
                .flatMap(shard -> defects(shard, configuration.value().value()).iterator())
                .collect();
    }

    private static List<String> defects(Named named, Configuration configuration) {
        Path file = new Path(named.file());
        try {
            FileSystem fs = file.getFileSystem(configuration);
            PreparedSet.Shard found = ShardFile.describe(fs, file, named.shard().name());
            for (int block = 0; block < found.blocks().size(); block++) {
                // Each row has a checksum of its own.
                ShardFile.readBlock(file, configuration, block);
            }
            return found.equals(named.shard())
                    ? List.of()
                    : List.of("%s: the manifest says %s, found is %s"
                            .formatted(file, facts(named.shard()), facts(found)));
        } catch (InputException e) {
            return List.of(e.getMessage());
        } catch (IOException | RuntimeException e) {
            return List.of(file + ": " + SourceFiles.reason(e));
        }
    }

    private static String facts(PreparedSet.Shard shard) {
        return "%,d images, %,d bytes, CRC32C %08x".formatted(shard.images(), shard.length(), shard.crc32c());
    }
}
