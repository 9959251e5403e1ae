package org.starling.jobs.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.InputException;

class LaunchArgumentsTest {
    @Test
    void optionsOfTheLauncherMayStandAnywhereAndTheJobKeepsItsOrder() {
        LaunchArguments arguments = LaunchArguments.parse(List.of(
                "train",
                "--conf",
                "spark.a=b=c",
                "my file.conf",
                "--master=spark://h:7077",
                "training.epochs=2",
                "--properties-file",
                "p"));
        assertEquals("spark://h:7077", arguments.master());
        assertEquals(Map.of("spark.a", "b=c"), arguments.settings());
        assertEquals(Optional.of("p"), arguments.propertiesFile());
        assertEquals(List.of("train", "my file.conf", "training.epochs=2"), arguments.job());
    }

    @Test
    void withoutAMasterTheJobRunsHereOnAllCores() {
        assertEquals("local[*]", LaunchArguments.parse(List.of("train")).master());
    }

    @ParameterizedTest
    @CsvSource({
        "train c.conf, true",
        "evaluate --model m --data d, true",
        "describe m.json, false",
        "describe --data photos, true",
        "describe --data=photos, true",
        "train --help, false",
        "train --help-keys, false",
        "train c.conf --show-config, false",
        "--version, false",
        "'', false"
    })
    void onlyJobsThatComputeStartSpark(String line, boolean spark) {
        List<String> words = line.isEmpty() ? List.of() : List.of(line.split(" "));
        assertEquals(spark, LaunchArguments.parse(words).needsSpark());
    }

    @Test
    void anOptionWithoutItsValueIsRefused() {
        assertTrue(assertThrows(InputException.class, () -> LaunchArguments.parse(List.of("train", "--master")))
                .getMessage()
                .contains("--master"));
        assertTrue(assertThrows(InputException.class, () -> LaunchArguments.parse(List.of("--conf", "spark.a")))
                .getMessage()
                .contains("--conf spark.a"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mesos://h:1", "local[0]", "local[x]", "localhost", "local-cluster[2,1]", "yarn-client"})
    void aMasterThatIsNoneIsRefusedWithTheOnesThereAre(String url) {
        String message =
                assertThrows(InputException.class, () -> Master.parse(url)).getMessage();
        assertTrue(message.contains(url) && message.contains("spark://HOST:PORT"), message);
    }

    @Test
    void masterUrlsAreReadAsSparkReadsThem() {
        assertEquals(new Master("local", Master.Kind.LOCAL, 1, 0), Master.parse("local"));
        assertEquals(new Master("local[3]", Master.Kind.LOCAL, 3, 0), Master.parse("local[3]"));
        assertEquals(new Master("local[2,4]", Master.Kind.LOCAL, 2, 0), Master.parse("local[2,4]"));
        assertEquals(
                Runtime.getRuntime().availableProcessors(),
                Master.parse("local[*]").cores());
        assertEquals(
                new Master("local-cluster[2,3,1024]", Master.Kind.LOCAL_CLUSTER, 3, 1024),
                Master.parse("local-cluster[2,3,1024]"));
        assertEquals(Master.Kind.STANDALONE, Master.parse("spark://a:1,b:2").kind());
        assertEquals(Master.Kind.INSTALLED, Master.parse("yarn").kind());
    }
}
