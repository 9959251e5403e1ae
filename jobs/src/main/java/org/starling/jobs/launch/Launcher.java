package org.starling.jobs.launch;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.spark.launcher.JavaModuleOptions;
import org.starling.InputException;

/**
 * Prints the command that runs a job, for {@code bin/starling} to execute: environment, JVM with its flags, and Spark's own
 * SparkSubmit for jobs that need Spark, whatever the master. Words end in NUL, so that any argument survives the shell.
 */
public final class Launcher {
    private static final String MAIN = "org.starling.jobs.Starling";

    private final Path root;
    private final Path jar;
    private final Path clusterJar;

    Launcher(Path root, Path jar, Path clusterJar) {
        this.root = root;
        this.jar = jar;
        this.clusterJar = clusterJar;
    }

    /** @param arguments checkout, jar, cluster jar, then what {@code bin/starling} was given */
    public static void main(String[] arguments) {
        Launcher launcher = new Launcher(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]));
        try {
            List<String> command = launcher.command(
                    LaunchArguments.parse(Arrays.asList(arguments).subList(3, arguments.length)), System.getenv());
            PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
            command.forEach(word -> out.print(word + "\0"));
            out.flush();
        } catch (InputException e) {
            System.err.println("starling: " + e.getMessage());
            System.exit(2);
        }
    }

    /** Environment assignments, program and arguments, as {@code env} takes them. */
    List<String> command(LaunchArguments arguments, Map<String, String> environment) {
        return arguments.needsSpark() ? sparkCommand(arguments, environment) : plainCommand(arguments.job());
    }

    private List<String> plainCommand(List<String> job) {
        List<String> command = new ArrayList<>();
        command.add(java());
        // A job of a second: the optimizing compiler and a parallel collector would cost more than they give.
        command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.add(logConfiguration());
        command.addAll(List.of("-cp", classPath(true), MAIN));
        command.addAll(job);
        return command;
    }

    private List<String> sparkCommand(LaunchArguments arguments, Map<String, String> environment) {
        boolean local = arguments.master().equals("local") || arguments.master().startsWith("local[");
        Path propertiesFile = arguments
                .propertiesFile()
                .map(Path::of)
                .orElse(root.resolve("conf").resolve("spark-defaults.conf"));
        Properties settings = read(propertiesFile);
        settings.putAll(arguments.settings());

        List<String> command = new ArrayList<>();
        command.add("SPARK_HOME=" + root.resolve("jobs/target/runtime"));
        command.add("SPARK_SCALA_VERSION=2.12");
        command.add("OMP_NUM_THREADS="
                + environment.getOrDefault("OMP_NUM_THREADS", settings.getProperty("spark.task.cpus", "1")));
        command.add(java());
        command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().trim().split("\\s+")));
        command.addAll(List.of(
                settings.getProperty("spark.driver.extraJavaOptions", "").trim().split("\\s+")));
        command.add("-Xmx" + settings.getProperty("spark.driver.memory", "1g"));
        command.add(logConfiguration());
        command.addAll(List.of("-cp", classPath(local), "org.apache.spark.deploy.SparkSubmit"));
        command.addAll(List.of("--master", arguments.master(), "--properties-file", propertiesFile.toString()));
        arguments.settings().forEach((key, value) -> command.addAll(List.of("--conf", key + "=" + value)));
        command.addAll(List.of("--class", MAIN, local ? "spark-internal" : clusterJar.toString()));
        command.addAll(arguments.job());
        return command;
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private String logConfiguration() {
        return "-Dlog4j2.configurationFile="
                + root.resolve("conf/log4j2.properties").toUri();
    }

    /** Spark's jars; in local mode the job's classes too, which Spark otherwise loads from the cluster jar. */
    private String classPath(boolean withJob) {
        Path runtime = root.resolve("jobs/target/runtime");
        String spark = runtime.resolve("jars") + "/*";
        return withJob ? jar + ":" + runtime.resolve("lib") + "/*:" + spark : spark;
    }

    private static Properties read(Path propertiesFile) {
        Properties properties = new Properties();
        if (!Files.isRegularFile(propertiesFile)) {
            throw new InputException("--properties-file " + propertiesFile + ": there is no such file.");
        }
        try (InputStream in = new FileInputStream(propertiesFile.toFile())) {
            properties.load(in);
        } catch (IOException e) {
            throw new InputException(
                    "--properties-file " + propertiesFile + " cannot be read: " + e.getMessage() + ".", e);
        }
        return properties;
    }
}
