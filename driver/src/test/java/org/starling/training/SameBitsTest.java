package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.starling.data.Minibatch;
import org.starling.kernels.KernelProvider;
import org.starling.layers.LayerClock;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration.Kernels;

/** Training gives the same bits with every provider, any number of threads, interpreted and compiled. Each run has a JVM of its own. */
class SameBitsTest {
    private static final List<String> MODULE = List.of("--add-modules=jdk.incubator.vector");
    private static final String SMALL = "../conf/models/alexnet-small.json";
    private static final int STEPS = 20;

    /** Trains a model file on noise and prints its provider and the hash of its parameters. Arguments: model, images a batch, threads, steps. */
    public static final class TrainAndPrintHash {
        private TrainAndPrintHash() {}

        public static void main(String[] args) throws NoSuchAlgorithmException {
            SequentialModel model = SequentialModel.read(
                    new org.apache.hadoop.fs.Path(args[0]), new Configuration(), ModelOptions.DEFAULT);
            Minibatch images = StepBenchmark.images(model, Integer.parseInt(args[1]), 7);
            int threads = Integer.parseInt(args[2]);
            try (StepBenchmark replica =
                    new StepBenchmark(model, Kernels.STARLING, threads, images, 5, LayerClock.NONE)) {
                for (int step = 0; step < Integer.parseInt(args[3]); step++) {
                    replica.trainStep();
                }
                System.out.println("result " + KernelProvider.get().name() + " " + hash(replica.parameters()));
            }
        }

        private static String hash(float[] values) throws NoSuchAlgorithmException {
            ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
            bytes.asFloatBuffer().put(values);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
        }
    }

    /** The hash, after a look at the provider. */
    private static String train(String provider, List<String> flags, String model, int batch, int threads, int steps)
            throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), TrainAndPrintHash.class.getName()));
        command.addAll(List.of(model, "" + batch, "" + threads, "" + steps));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String[] result = output.lines()
                .filter(line -> line.startsWith("result "))
                .findFirst()
                .orElseThrow(() -> new AssertionError(output))
                .split(" ");
        assertEquals(provider, result[1]);
        return result[2];
    }

    private static List<String> bits(String bits) {
        return List.of(MODULE.get(0), "-Dstarling.kernels.bits=" + bits);
    }

    @Test
    void everyProviderAndNumberOfThreadsGivesTheSameHash() throws IOException {
        String expected = train("scalar", List.of(), SMALL, 16, 1, STEPS);
        String widest = KernelProvider.get().name();
        assertEquals(expected, train(widest, MODULE, SMALL, 16, 1, STEPS), widest);
        assertEquals(expected, train(widest, MODULE, SMALL, 16, 2, STEPS), widest + ", 2 threads");
        assertEquals(expected, train("vector-128", bits("128"), SMALL, 16, 2, STEPS), "vector-128");
        if (!widest.equals("vector-128")) {
            assertEquals(expected, train("vector-256", bits("256"), SMALL, 16, 1, STEPS), "vector-256");
        }
    }

    @Test
    @Tag("soak")
    void interpretedAndCompiledGiveTheSameHash() throws IOException {
        String model = "src/test/resources/org/starling/training/tiny-cnn.json";
        String compiled = train(KernelProvider.get().name(), MODULE, model, 2, 1, 3);
        List<String> interpreted = List.of(MODULE.get(0), "-Xint");
        assertEquals(compiled, train(KernelProvider.get().name(), interpreted, model, 2, 1, 3));
    }
}
