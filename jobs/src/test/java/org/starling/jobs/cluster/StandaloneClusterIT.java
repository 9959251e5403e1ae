package org.starling.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class StandaloneClusterIT {
    private static final Path FOLDER = Path.of("target", "standalone-cluster");

    @Test
    void aJobIsSentWithTheClusterJar() throws Exception {
        try (StandaloneCluster cluster = new StandaloneCluster(FOLDER, 2, 1, 1200);
                MiniHdfs hdfs = new MiniHdfs(FOLDER.resolve("hdfs"))) {
            org.apache.hadoop.fs.Path model = new org.apache.hadoop.fs.Path(hdfs.url() + "/models/alexnet.json");
            hdfs.fileSystem()
                    .copyFromLocalFile(
                            new org.apache.hadoop.fs.Path(Checkout.ROOT
                                    .resolve("conf/models/alexnet.json")
                                    .toUri()),
                            model);
            ForkedProcess.Result result =
                    cluster.submit(List.of("--driver-memory", "256m"), "describe", model.toString());
            assertEquals(0, result.exitCode(), result.toString());
            assertTrue(result.out().contains("62,378,344"), result.toString());
        }
    }
}
