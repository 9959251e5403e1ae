package org.starling.jobs.bench.cluster;

import java.nio.file.Path;
import java.util.Map;
import org.starling.InputException;

/**
 * What an application needs to be submitted.
 *
 * @param home folder whose {@code jars/} holds Spark's jars
 * @param jar Starling's jar for executors, with everything that Spark does not have
 * @param defaults file with Starling's settings of Spark
 */
public record SparkInstallation(Path home, Path jar, Path defaults) {
    private static final String HOME = "starling.spark.home";
    private static final String JAR = "starling.cluster.jar";
    private static final String DEFAULTS = "starling.spark.defaults";

    /** The system properties that tell another JVM of it. */
    public Map<String, String> properties() {
        return Map.of(HOME, home.toString(), JAR, jar.toString(), DEFAULTS, defaults.toString());
    }

    /**
     * What {@code bin/starling} told this JVM.
     *
     * @throws InputException when nobody did
     */
    public static SparkInstallation ofThisJvm() {
        return new SparkInstallation(path(HOME), path(JAR), path(DEFAULTS));
    }

    private static Path path(String property) {
        String value = System.getProperty(property);
        if (value == null) {
            throw new InputException("This command starts JVMs of its own, and the system property " + property
                    + " does not say from what. Start it with bin/starling, which sets it.");
        }
        return Path.of(value);
    }

    /** Class path of Spark's own programs. */
    String classPath() {
        return home.resolve("jars") + "/*";
    }

    /** Environment of every JVM started from here. */
    Map<String, String> environment() {
        return Map.of(
                "SPARK_HOME", home.toString(),
                "SPARK_SCALA_VERSION", "2.12",
                "JAVA_HOME", System.getProperty("java.home"));
    }
}
