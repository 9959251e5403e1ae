package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExecutorsTest {
    @ParameterizedTest
    @CsvSource({
        "local, , , , 0",
        "local[4], , , , 0",
        "'local-cluster[3,1,1024]', , , , 3",
        "spark://a:7077, 5, , , 5",
        "spark://a:7077, , 12, 4, 3",
        "spark://a:7077, , , 4, 1",
        "yarn, 2, , , 2"
    })
    void whatIsWaitedForIsWhatWasAskedFor(
            String master, String instances, String coresMax, String cores, int expected) {
        SparkConf conf = new SparkConf(false);
        set(conf, "spark.executor.instances", instances);
        set(conf, "spark.cores.max", coresMax);
        set(conf, "spark.executor.cores", cores);
        assertEquals(expected, Executors.expected(conf, master));
    }

    private static void set(SparkConf conf, String key, String value) {
        if (value != null) {
            conf.set(key, value);
        }
    }

    @Test
    void aPathThatAnExecutorDoesNotSeeIsNamedWithItsHost(@TempDir Path folder) {
        String missing = folder.resolve("missing").toString();
        List<String> unseen = new Executors(TinyRun.spark()).unseen(List.of(folder.toString(), missing));
        assertEquals(1, unseen.size());
        assertTrue(unseen.get(0).startsWith(missing + " on "), unseen.get(0));
    }
}
