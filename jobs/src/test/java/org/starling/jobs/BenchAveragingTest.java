package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What {@code bench averaging} says before it starts anything. */
class BenchAveragingTest {
    private static void refuses(String option, String... expected) {
        List<String> words = new ArrayList<>(List.of("bench", "averaging"));
        words.addAll(List.of(option.split(" ")));
        CommandLineRun run = CommandLineRun.of(words.toArray(String[]::new));
        assertEquals(2, run.exitCode(), run::toString);
        for (String text : expected) {
            assertTrue(run.err().get(0).contains(text), () -> "'" + text + "' in: " + run);
        }
        assertFalse(run.toString().contains("\tat ") || run.toString().contains("Exception"), run::toString);
    }

    @Test
    void numbersThatCannotBeUsed() {
        for (String option : List.of("--replicas", "--executors", "--rounds", "--repeats")) {
            refuses(option + " 0", option + " 0", "1 or more");
        }
        refuses("--replicas 2 --executors 3", "--executors 3", "--replicas 2");
        refuses("--parameters 99", "--parameters 99", "from 100");
        refuses("--batch 0", "--batch 0", "1 or more");
        refuses("--model no.json --parameters 100", "--model no.json", "--parameters 100", "two networks");
        refuses("--model no.json", "no.json", "no such model file");
    }

    @Test
    void placesThatAreNoCluster() {
        for (String master : List.of("local[2]", "yarn", "local-cluster[2,1,1024]")) {
            refuses("--master " + master, "--master " + master, "spark://HOST:PORT");
        }
    }

    @Test
    void amountsOfMemoryThatAreNone() {
        for (String option : List.of("--conf", "--dl4j-conf")) {
            System.setProperty("starling.spark.home", "/nowhere");
            System.setProperty("starling.cluster.jar", "/nowhere");
            System.setProperty("starling.spark.defaults", "/nowhere");
            try {
                refuses(option + " spark.executor.memory=lots", "spark.executor.memory = lots", "4g");
            } finally {
                System.clearProperty("starling.spark.home");
                System.clearProperty("starling.cluster.jar");
                System.clearProperty("starling.spark.defaults");
            }
        }
    }

    @Test
    void aStartThatDoesNotSayWhereTheJarsAre() {
        refuses("--rounds 1", "bin/starling");
    }

    @Test
    void theHelpNamesTheBenchmarkAndNotItsApplications() {
        CommandLineRun run = CommandLineRun.of("bench");
        assertTrue(run.err().get(0).contains("averaging"), run::toString);
        assertFalse(run.err().get(0).contains("averaging-rounds"), run::toString);
        assertTrue(CommandLineRun.of("bench", "averaging", "--help").toString().contains("--dl4j-conf"));
    }
}
