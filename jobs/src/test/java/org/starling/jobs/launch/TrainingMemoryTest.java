package org.starling.jobs.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.RDDInfo;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.starling.jobs.configuration.TrainingFile;
import org.starling.jobs.launch.TrainingMemory.KeptVectors;
import org.starling.model.SequentialModel;
import org.starling.training.Trainer;
import org.starling.training.TrainingEvent;
import org.starling.training.TrainingListener;

class TrainingMemoryTest {
    private static final long MB = 1L << 20;
    private static final String OUTER = "training.outer.optimizer=nesterov";
    private static final String AVERAGE = "training.ema.decay=0.9";
    private static final String PAYLOAD = "training.payload=int8";
    private static final String LOCAL = "training.optimizer.state=local";

    @TempDir
    static Path folder;

    private static JavaSparkContext spark;

    @BeforeAll
    static void start() throws IOException {
        spark = new JavaSparkContext(new SparkConf()
                .setMaster("local[2]")
                .setAppName("training memory")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1"));
        // 16 * 5000 + 5000 + 5000 * 2 + 2 parameters.
        Files.writeString(
                folder.resolve("model.json"),
                """
                {"class_name": "Sequential", "config": {"name": "wide", "layers": [
                  {"class_name": "InputLayer", "config": {"batch_input_shape": [null, 4, 4, 1], "name": "in"}},
                  {"class_name": "Flatten", "config": {"name": "flat"}},
                  {"class_name": "Dense", "config": {"name": "hidden", "units": 5000, "activation": "relu"}},
                  {"class_name": "Dense", "config": {"name": "last", "units": 2, "activation": "softmax"}}]}}
                """);
        try (DataOutputStream images = file("images-idx3-ubyte");
                DataOutputStream labels = file("labels-idx1-ubyte")) {
            for (int header : new int[] {0x803, 24, 4, 4}) {
                images.writeInt(header);
            }
            labels.writeInt(0x801);
            labels.writeInt(24);
            for (int image = 0; image < 24; image++) {
                for (int pixel = 0; pixel < 16; pixel++) {
                    images.write(31 * image + 47 * pixel);
                }
                labels.write(image % 2);
            }
        }
    }

    private static DataOutputStream file(String name) throws IOException {
        return new DataOutputStream(Files.newOutputStream(folder.resolve(name)));
    }

    @AfterAll
    static void stop() {
        if (spark != null) {
            spark.close();
        }
    }

    private static TrainingFile training(String run, String... settings) throws IOException {
        Path file = folder.resolve(run + ".conf");
        Files.writeString(
                file,
                """
                model.file = model.json
                run.directory = "%s"
                data { train = images-idx3-ubyte, validationFraction = 0 }
                training { epochs = 1, batch = 6, replicas = 2, stepsPerRound = 1, schedule.learningRate = 1e-3 }
                """
                        .formatted(folder.resolve(run).toUri()));
        return TrainingFile.read(file.toString(), List.of(settings), new Configuration());
    }

    private static TrainingMemory memory(TrainingFile file) {
        SequentialModel model = SequentialModel.read(
                new org.apache.hadoop.fs.Path(file.configuration().model().file()),
                new Configuration(),
                file.configuration().model().options());
        return TrainingMemory.of(model, file.configuration().training());
    }

    /** Bytes that Spark has cached after the last round; the images among them. */
    private static long cached(TrainingFile file) {
        // What the run before has left.
        spark.getPersistentRDDs().values().forEach(rdd -> rdd.unpersist(true));
        long[] bytes = new long[1];
        TrainingListener listener = new TrainingListener() {
            @Override
            public void onRound(TrainingEvent.Round round) {
                bytes[0] = Stream.of(spark.sc().getRDDStorageInfo())
                        .mapToLong(RDDInfo::memSize)
                        .sum();
            }
        };
        new Trainer(spark, file.configuration(), file.effectiveSettings(), List.of(listener)).run(false);
        return bytes[0];
    }

    /** Spark says what is cached: of two trainings that differ in what they keep, so does the prediction. */
    @ParameterizedTest
    @CsvSource({
        "outer," + OUTER,
        "average," + AVERAGE,
        "payload," + PAYLOAD,
        "local," + LOCAL,
        "all," + OUTER + ' ' + AVERAGE + ' ' + PAYLOAD + ' ' + LOCAL,
        "reset,training.optimizer.state=reset",
        "sgd,training.optimizer.name=sgd " + PAYLOAD
    })
    void theStateIsAsLargeAsWhatIsCached(String run, String settings) throws IOException {
        TrainingFile plain = training("plain-" + run);
        TrainingFile other = training(run, settings.split(" "));
        long predicted = memory(other).stateBytes() - memory(plain).stateBytes();
        long measured = cached(other) - cached(plain);
        // The last two rounds; beside them headers of slices, and statistics, which are cached twice too.
        assertEquals(2 * predicted, measured, 0.02 * memory(plain).parameterBytes());
    }

    private static TrainingMemory alexnet(KeptVectors kept) {
        return new TrainingMemory("alexnet", 250 * MB, 1, kept, 2048 * MB, 0, 0, 4, 128);
    }

    private static MemoryPlan plan(KeptVectors kept) {
        return MemoryPlan.of(alexnet(kept), 4, 1, 1);
    }

    @Test
    void thePlanGrowsWithWhatIsKept() {
        KeptVectors plain = new KeptVectors(2, 0, 0, false);
        // Momentum's old and new quarter, and the parameters', in the task; their cached shares twice two rounds.
        MemoryPlan outer = plan(new KeptVectors(2, 1, 0, false));
        assertTrue(outer.heap() > plan(plain).heap() + 250 * MB);
        assertEquals(plan(plain).leastHeap() + 3 * 250 * MB / 4 + MB / 2, outer.leastHeap(), MB);
        // A residual is read, held and written as all that a replica keeps, and the changes have a start.
        MemoryPlan payload = plan(new KeptVectors(2, 0, 1, true));
        assertEquals(plan(plain).leastHeap() + 4 * 250 * MB, payload.leastHeap());
        assertTrue(payload.heap() > plan(plain).heap() + 4 * 250 * MB);
    }
}
