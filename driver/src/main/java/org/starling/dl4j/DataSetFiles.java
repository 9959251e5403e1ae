package org.starling.dl4j;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.deeplearning4j.core.loader.DataSetLoader;
import org.deeplearning4j.core.loader.impl.SerializedDataSetLoader;
import org.nd4j.common.loader.Source;
import org.nd4j.linalg.dataset.DataSet;
import org.starling.InputException;

/** Files of DataSets on any Hadoop file system. */
final class DataSetFiles {
    private DataSetFiles() {}

    static JavaRDD<DataSet> read(JavaRDD<String> paths, DataSetLoader loader) {
        JavaSparkContext spark = JavaSparkContext.fromSparkContext(paths.context());
        Broadcast<SerializableConfiguration> hadoop =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        return paths.map(path -> {
            try {
                if (loader instanceof SerializedDataSetLoader) {
                    requireSound(new Path(path), hadoop.value().value());
                }
                return loader.load(new FileSource(new Path(path), hadoop.value()));
            } catch (IOException | RuntimeException e) {
                throw new InputException(
                        "Cannot read a DataSet from " + path + ": " + e.getMessage() + ". Expected is what "
                                + loader.getClass().getName() + " reads.",
                        e);
            }
        });
    }

    /** DL4J's own reader believes what it reads. */
    private static void requireSound(Path path, Configuration configuration) throws IOException {
        FileSystem fileSystem = path.getFileSystem(configuration);
        long length = fileSystem.getFileStatus(path).getLen();
        try (InputStream in = fileSystem.open(path)) {
            new SavedDataSet(in, length).requireSound();
        }
    }

    private record FileSource(Path path, SerializableConfiguration hadoop) implements Source {
        @Override
        public InputStream getInputStream() throws IOException {
            return path.getFileSystem(hadoop.value()).open(path);
        }

        @Override
        public String getPath() {
            return path.toString();
        }
    }
}
