package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.starling.layers.LayerClock;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration.Kernels;

/** A replica of AlexNet at batch 128 holds what its model predicts, measured in a JVM of its own. */
@Tag("soak")
class MeasuredMemoryTest {
    private static final int BATCH = 128;
    private static final int THREADS = 2;

    private static SequentialModel model(String file) {
        return SequentialModel.read(new org.apache.hadoop.fs.Path(file), new Configuration(), ModelOptions.DEFAULT);
    }

    /** Trains a small network, then AlexNet, and prints by how many bytes the second needs more. */
    public static final class TrainAndPrintBytes {
        private TrainAndPrintBytes() {}

        public static void main(String[] args) throws IOException {
            StepBenchmark small = train("src/test/resources/org/starling/training/tiny-cnn.json", 1);
            long[] before = heapAndRest();
            StepBenchmark alexnet = train("../conf/models/alexnet.json", BATCH);
            long[] after = heapAndRest();
            System.out.println("result " + (after[0] - before[0]) + " " + (after[1] - before[1]));
            alexnet.close();
            small.close();
        }

        private static StepBenchmark train(String file, int batch) {
            SequentialModel model = model(file);
            StepBenchmark replica = new StepBenchmark(
                    model, Kernels.STARLING, THREADS, StepBenchmark.images(model, batch, 7), 5, LayerClock.NONE);
            for (int step = 0; step < 3; step++) {
                replica.trainStep();
            }
            return replica;
        }

        /** Bytes of live objects, and bytes of the process outside the heap, all of which the JVM has touched at its start. */
        private static long[] heapAndRest() throws IOException {
            System.gc();
            MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
            long resident = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElseThrow();
            return new long[] {heap.getUsed(), resident - heap.getCommitted()};
        }
    }

    @Test
    void alexNetNeedsWhatDescribeSays() throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "-Xms3g",
                "-Xmx3g",
                "-XX:+AlwaysPreTouch",
                "-cp",
                System.getProperty("java.class.path"),
                TrainAndPrintBytes.class.getName());
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String result = output.lines()
                .filter(line -> line.startsWith("result "))
                .findFirst()
                .orElse("");
        assertFalse(result.isEmpty(), output);
        long heap = Long.parseLong(result.split(" ")[1]);
        long rest = Long.parseLong(result.split(" ")[2]);
        SequentialModel alexnet = model("../conf/models/alexnet.json");
        // Beside the replica, the benchmark holds its images.
        long images = (long) Float.BYTES * BATCH * alexnet.input().length();
        System.out.println("heap " + heap + ", outside " + rest + ", images " + images);
        long predicted = alexnet.trainingBytes(BATCH, THREADS);
        assertEquals(predicted, heap + rest - images, 0.1 * predicted, result);
    }
}
