package org.starling.training;

import com.sun.management.OperatingSystemMXBean;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkEnv;
import org.apache.spark.serializer.SerializerInstance;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.training.TrainingConfiguration.Kernels;
import scala.reflect.ClassTag$;

/**
 * What an executor, or the driver in local mode, says of itself when it is asked whether it can train.
 *
 * @param report what it computes with
 * @param heap bytes of its JVM's heap
 * @param machine bytes of its machine's memory
 * @param nativeThreads OMP_NUM_THREADS; null where it is not set
 * @param natives why ND4J's library does not compute; null where it does
 * @param serializer name of Spark's serializer
 * @param serialization why an array does not come through it; null where it does
 * @param disks where its shuffle files go
 */
record ExecutorHealth(
        ExecutorReport report,
        long heap,
        long machine,
        String nativeThreads,
        String natives,
        String serializer,
        String serialization,
        List<Disk> disks)
        implements Serializable {

    /**
     * A folder for shuffle files.
     *
     * @param free bytes; -1 where nothing can be written
     */
    record Disk(String folder, long free) implements Serializable {}

    /** Called in a task. */
    static ExecutorHealth ofThisJvm(Kernels kernels, int taskCpus) {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        String natives = fault(ExecutorHealth::multiply);
        SparkEnv spark = SparkEnv.get();
        return new ExecutorHealth(
                ExecutorReport.ofThisJvm(kernels, taskCpus),
                Runtime.getRuntime().maxMemory(),
                system.getTotalMemorySize(),
                System.getenv("OMP_NUM_THREADS"),
                natives,
                spark.serializer().getClass().getSimpleName(),
                natives == null ? fault(ExecutorHealth::sendArray) : null,
                Arrays.stream(spark.blockManager().diskBlockManager().localDirs())
                        .map(folder -> new Disk(folder.getPath(), free(folder)))
                        .toList());
    }

    private interface Trial {
        void run() throws IOException;
    }

    /** Errors too: a library that cannot be loaded is one. */
    private static String fault(Trial trial) {
        try {
            trial.run();
            return null;
        } catch (Throwable t) {
            Throwable cause = t;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            String message =
                    String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
            return cause.getClass().getSimpleName() + ": " + message;
        }
    }

    private static void multiply() {
        INDArray product = Nd4j.ones(DataType.FLOAT, 3, 5).mmul(Nd4j.ones(DataType.FLOAT, 5, 2));
        if (product.sumNumber().doubleValue() != 30) {
            throw new IllegalStateException("ones of 3 x 5 times ones of 5 x 2 are " + product);
        }
    }

    private static void sendArray() {
        INDArray array = Nd4j.arange(6).castTo(DataType.FLOAT).reshape(2, 3);
        SerializerInstance serializer = SparkEnv.get().serializer().newInstance();
        ByteBuffer bytes = serializer.serialize(array, ClassTag$.MODULE$.apply(INDArray.class));
        INDArray back = serializer.deserialize(bytes, ClassTag$.MODULE$.apply(INDArray.class));
        if (!array.equals(back)) {
            throw new IllegalStateException("an array comes back as " + back);
        }
    }

    private static long free(File folder) {
        return folder.canWrite() ? folder.getUsableSpace() : -1;
    }

    /** Called in a task: why this executor cannot read the paths. */
    static List<String> unreadable(List<String> paths, Configuration configuration) {
        List<String> faults = new ArrayList<>();
        for (String path : paths) {
            String fault = fault(() -> read(new Path(path), configuration));
            if (fault != null) {
                faults.add(path + " (" + fault + ")");
            }
        }
        return faults;
    }

    private static void read(Path path, Configuration configuration) throws IOException {
        FileSystem fileSystem = path.getFileSystem(configuration);
        FileStatus status = fileSystem.getFileStatus(path);
        if (status.isDirectory()) {
            fileSystem.listStatusIterator(path).hasNext();
            return;
        }
        try (InputStream in = fileSystem.open(path)) {
            in.read();
        }
    }

    /** Called in a task: why this executor cannot write into a folder; null where it can. What it writes it takes away. */
    static String unwritable(String folder, Configuration configuration) {
        return fault(() -> {
            Path file = new Path(folder, "probe-" + UUID.randomUUID());
            FileSystem fileSystem = file.getFileSystem(configuration);
            try {
                fileSystem.create(file, false).close();
            } finally {
                fileSystem.delete(file, false);
            }
        });
    }
}
