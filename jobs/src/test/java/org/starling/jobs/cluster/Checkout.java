package org.starling.jobs.cluster;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.starling.jobs.bench.cluster.SparkInstallation;

/** The built checkout that these tests belong to. */
public final class Checkout {
    /** The folder of the top pom; tests run in a module's folder. */
    public static final Path ROOT = root(Path.of("").toAbsolutePath());

    /** What {@code bin/starling} runs from: jars/ as a Spark installation has it, lib/ with everything else. */
    public static final Path RUNTIME = ROOT.resolve("jobs/target/runtime");

    private Checkout() {}

    private static Path root(Path folder) {
        return Files.exists(folder.resolve("bin/starling")) ? folder : root(folder.getParent());
    }

    /** The jar for spark-submit. */
    public static Path clusterJar() {
        return list(ROOT.resolve("jobs/target")).stream()
                .filter(file -> file.getFileName().toString().endsWith("-cluster.jar"))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("There is no cluster jar: run mvn package"));
    }

    /** What jobs are submitted from. */
    public static SparkInstallation installation() {
        return new SparkInstallation(RUNTIME, clusterJar(), ROOT.resolve("conf/spark-defaults.conf"));
    }

    /**
     * A setting of JVM options for Spark: those of conf/spark-defaults.conf, which it would replace, and more.
     *
     * @param key {@code spark.driver.extraJavaOptions} or the executors'
     */
    public static String javaOptions(String key, String more) throws IOException {
        Properties defaults = new Properties();
        try (Reader file = Files.newBufferedReader(installation().defaults())) {
            defaults.load(file);
        }
        return key + "=" + defaults.getProperty(key).trim() + " " + more;
    }

    /** The files of a folder. */
    static List<Path> list(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
