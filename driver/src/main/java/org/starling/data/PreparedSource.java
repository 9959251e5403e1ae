package org.starling.data;

import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.InputException;

/**
 * A split of a {@link PreparedSet}.
 *
 * @param folder of the split
 * @param colours of the set's training images
 * @param classCounts images of each class
 */
record PreparedSource(
        String folder,
        List<String> classes,
        boolean namesClasses,
        List<PreparedSet.Shard> shards,
        ColourStatistics colours,
        long[] classCounts,
        boolean labelled)
        implements ImageSource {
    /** Whether a path is a set's folder, or one of its splits'. */
    static boolean isPrepared(SourceFiles files) {
        return files.isFolder()
                && (isSet(files, files.path()) || isSet(files, files.path().getParent()));
    }

    private static boolean isSet(SourceFiles files, Path folder) {
        try {
            FileSystem fs = files.fileSystem();
            return folder != null
                    && PreparedSet.isIn(fs, folder)
                    && fs.exists(new Path(folder, new Path(PreparedSet.TRAIN, PreparedSet.Shard.name(0))));
        } catch (IOException e) {
            throw new InputException(folder + " cannot be read: " + SourceFiles.reason(e) + ".", e);
        }
    }

    /** @throws InputException when there is no such split, or more than one to choose from */
    static PreparedSource open(SourceFiles files, boolean labelled) {
        if (!isPrepared(files)) {
            throw new InputException("No prepared set in " + files.path() + ", which " + files.summary()
                    + ". Expected a folder that starling prepare has made, or its folder " + PreparedSet.TRAIN + ".");
        }
        boolean whole = isSet(files, files.path());
        Path folder = whole ? files.path() : files.path().getParent();
        PreparedSet set = PreparedSet.read(files.fileSystem(), folder);
        if (whole && set.splits().size() > 1) {
            throw new InputException("The prepared set " + folder + " has several splits: "
                    + String.join(", ", set.splits().keySet()) + ". Name the folder of one, such as "
                    + new Path(folder, PreparedSet.TRAIN) + ".");
        }
        String split = whole ? set.splits().firstKey() : files.path().getName();
        if (!set.splits().containsKey(split)) {
            throw new InputException("The prepared set " + folder + " has no split " + split + ". Expected one of "
                    + String.join(", ", set.splits().keySet()) + ".");
        }
        return new PreparedSource(
                new Path(folder, split).toString(),
                set.classes(),
                set.namesClasses(),
                List.copyOf(set.splits().get(split).shards()),
                set.colours(),
                set.splits().get(split).classCounts(),
                labelled);
    }

    @Override
    public OptionalLong size() {
        return OptionalLong.of(
                shards.stream().mapToLong(PreparedSet.Shard::images).sum());
    }

    @Override
    public String state() {
        LineDigest digest = new LineDigest();
        digestLines().forEach(digest::add);
        return digest.value();
    }

    @Override
    public String format() {
        return "prepared";
    }

    /** The first shards, until they have so many images. */
    PreparedSource first(int images) {
        List<PreparedSet.Shard> some = new ArrayList<>();
        int count = 0;
        for (PreparedSet.Shard shard : shards) {
            if (count < images) {
                some.add(shard);
                count += shard.images();
            }
        }
        return new PreparedSource(folder, classes, namesClasses, some, colours, classCounts, labelled);
    }

    /** Images of each block, in the order of {@link #blocks}. */
    int[] blockSizes() {
        return shards.stream()
                .flatMap(shard -> shard.blocks().stream())
                .mapToInt(Integer::intValue)
                .toArray();
    }

    /** The same with copies counted, for which names and labels are read in a Spark job. */
    int[] blockSizes(JavaSparkContext context, Oversampling oversampling) {
        Broadcast<SerializableConfiguration> configuration =
                context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
        int count = classes.size();
        context.sc().setJobDescription("read the labels in " + folder);
        List<Integer> sizes = blocks(context, context.defaultParallelism())
                .map(block -> block.names(count, configuration.value().value()).stream()
                        .mapToInt(oversampling::copies)
                        .sum())
                .collect();
        return sizes.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The images, a block a partition. */
    JavaRDD<ImageRecord> blocks(JavaSparkContext context) {
        return records(context, blockSizes().length);
    }

    /** What tells this split from another: its shards' names and checksums. */
    List<String> digestLines() {
        return shards.stream()
                .map(shard -> "shard %s %d %08x".formatted(shard.name(), shard.images(), shard.crc32c()))
                .toList();
    }

    @Override
    public JavaRDD<ImageRecord> records(JavaSparkContext context, int partitions) {
        Broadcast<SerializableConfiguration> configuration =
                context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
        boolean labels = labelled;
        int count = classes.size();
        return blocks(context, partitions)
                .flatMap(block ->
                        block.read(count, labels, configuration.value().value()).iterator());
    }

    private JavaRDD<Block> blocks(JavaSparkContext context, int partitions) {
        List<Block> blocks = new ArrayList<>();
        for (PreparedSet.Shard shard : shards) {
            String file = folder + Path.SEPARATOR + shard.name();
            for (int number = 0; number < shard.blocks().size(); number++) {
                blocks.add(new Block(file, number, shard.blocks().get(number)));
            }
        }
        return context.parallelize(blocks, Math.max(1, Math.min(partitions, blocks.size())));
    }

    /**
     * Images that are read at a time.
     *
     * @param file the shard
     * @param number of the row group in it
     * @param images of it
     */
    private record Block(String file, int number, int images) implements Serializable {

        List<ImageRecord> read(int classes, boolean labelled, Configuration configuration) {
            List<ImageRecord> read = read(classes, path -> ShardFile.readBlock(path, configuration, number));
            return labelled
                    ? read
                    : read.stream()
                            .map(image -> image.labelled(NamedImage.UNLABELLED))
                            .toList();
        }

        List<ImageSource.ImageName> names(int classes, Configuration configuration) {
            return read(classes, path -> ShardFile.readNames(path, configuration, number));
        }

        /** Reads something of each image. */
        @FunctionalInterface
        private interface Reader<T> {
            List<T> read(Path path) throws IOException;
        }

        private <T extends NamedImage> List<T> read(int classes, Reader<T> reader) {
            Path path = new Path(file);
            try {
                List<T> read = reader.read(path);
                if (read.size() != images) {
                    throw ShardFile.damaged(
                            path, "it has " + read.size() + " images where the manifest says " + images);
                }
                read.forEach(image -> requireLabel(path, image, classes));
                return read;
            } catch (InputException e) {
                throw e;
            } catch (IOException | RuntimeException e) {
                throw new InputException(
                        "The shard " + file + " cannot be read: " + SourceFiles.reason(e)
                                + ". starling prepare --check says which shards of a set are damaged.",
                        e);
            }
        }

        private static void requireLabel(Path path, NamedImage image, int classes) {
            if (image.label() < 0 || image.label() >= classes) {
                throw ShardFile.damaged(
                        path, image.name() + " has label " + image.label() + " of " + classes + " classes");
            }
        }
    }
}
