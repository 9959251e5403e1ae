package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.jobs.bench.cluster.ForkedProcess;
import org.starling.jobs.cluster.Checkout;
import org.starling.jobs.cluster.TrainedModel;

/** Executors of their own JVM, with every check and encryption of Spark's switched on. */
class StrictSparkIT {
    private static final List<String> STRICT = List.of(
            "spark.authenticate=true",
            "spark.authenticate.secret=the-tests-secret",
            "spark.network.crypto.enabled=true",
            "spark.io.encryption.enabled=true",
            "spark.serializer=org.apache.spark.serializer.KryoSerializer",
            "spark.kryo.registrationRequired=true");

    @TempDir
    Path folder;

    private byte[] train(TinyProject project, String run, String master, List<String> conf) throws Exception {
        List<String> words =
                new ArrayList<>(List.of(Checkout.ROOT.resolve("bin/starling").toString()));
        words.addAll(List.of("train", project.path("a.conf"), "run.directory=" + project.path(run)));
        words.addAll(List.of("training.optimizer.state=local", "--master", master));
        conf.forEach(setting -> words.addAll(List.of("--conf", setting)));
        Map<String, String> environment = Map.of("JAVA_HOME", System.getProperty("java.home"));
        try (ForkedProcess process = ForkedProcess.start(folder, folder, run, environment, words)) {
            ForkedProcess.Result result = process.await(Duration.ofSeconds(300));
            assertEquals(0, result.exitCode(), result.toString());
        }
        return TrainedModel.coefficients(folder.resolve(run));
    }

    @Test
    void aRunPassesWithAuthenticationEncryptionAndKryosRegistrationAndGivesTheSameBits() throws Exception {
        TinyProject project = TinyProject.in(Files.createDirectories(folder));
        byte[] strict = train(project, "strict", "local-cluster[2,1,1200]", STRICT);
        assertArrayEquals(train(project, "plain", "local[2]", List.of()), strict);
    }
}
