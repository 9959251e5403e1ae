package org.starling.dl4j;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.deeplearning4j.core.loader.DataSetLoader;
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
                return loader.load(new FileSource(new Path(path), hadoop.value()));
            } catch (IOException | RuntimeException e) {
                throw new InputException(
                        "Cannot read a DataSet from " + path + ": " + e.getMessage() + ". Expected is what "
                                + loader.getClass().getName() + " reads.",
                        e);
            }
        });
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
