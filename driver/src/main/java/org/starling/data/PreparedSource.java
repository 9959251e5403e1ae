package org.starling.data;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.starling.InputException;

/**
 * A split of a {@link PreparedSet}.
 *
 * @param folder of the split
 */
record PreparedSource(
        String folder, List<String> classes, boolean namesClasses, List<PreparedSet.Shard> shards, boolean labelled)
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
                labelled);
    }

    @Override
    public String format() {
        return "prepared";
    }

    @Override
    public JavaRDD<ImageRecord> records(JavaSparkContext context, int partitions) {
        Broadcast<SerializableConfiguration> configuration =
                context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
        List<String> files = shards.stream()
                .map(shard -> folder + Path.SEPARATOR + shard.name())
                .toList();
        boolean labels = labelled;
        int count = classes.size();
        return context.parallelize(files, Math.max(1, Math.min(partitions, files.size())))
                .flatMap(file -> new Images(
                        new Path(file), count, labels, configuration.value().value()));
    }

    /** A shard's images, one after the other. */
    private static final class Images implements Iterator<ImageRecord> {

        private final Path file;
        private final int classes;
        private final boolean labelled;
        private final ShardFile.Reader reader;
        private ImageRecord next;

        Images(Path file, int classes, boolean labelled, Configuration configuration) {
            this.file = file;
            this.classes = classes;
            this.labelled = labelled;
            try {
                this.reader = new ShardFile.Reader(file, configuration);
                TaskContext.get().addTaskCompletionListener((TaskCompletionListener) ended -> close());
            } catch (IOException | RuntimeException e) {
                throw unreadable(e);
            }
            advance();
        }

        private void advance() {
            try {
                next = reader.next();
            } catch (InputException e) {
                throw e;
            } catch (IOException | RuntimeException e) {
                throw unreadable(e);
            }
        }

        private void close() {
            try {
                reader.close();
            } catch (IOException e) {
                throw unreadable(e);
            }
        }

        private InputException unreadable(Exception e) {
            return new InputException(
                    "The shard " + file + " cannot be read: " + SourceFiles.reason(e)
                            + ". starling prepare --check says which shards of a set are damaged.",
                    e);
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public ImageRecord next() {
            if (next == null) {
                throw new NoSuchElementException();
            }
            ImageRecord image = next;
            if (image.label() < 0 || image.label() >= classes) {
                throw ShardFile.damaged(
                        file, image.name() + " has label " + image.label() + " of " + classes + " classes");
            }
            advance();
            return labelled
                    ? image
                    : new ImageRecord(
                            image.name(),
                            NamedImage.UNLABELLED,
                            image.encoding(),
                            image.height(),
                            image.width(),
                            image.channels(),
                            image.bytes());
        }
    }
}
