package org.starling.jobs.launch;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.starling.InputException;
import org.starling.PrintableText;
import org.starling.jobs.bench.StepOptions;
import org.starling.jobs.bench.cluster.SparkInstallation;

/**
 * Prints the command that runs a job, for {@code bin/starling} to execute: environment, JVM with its flags, and Spark's own
 * SparkSubmit for jobs that need Spark, whatever the master. Words end in NUL, so that any argument survives the shell.
 */
public final class Launcher {
    private static final String MAIN = "org.starling.jobs.Starling";

    /** In a checkout: jars/ as a Spark installation has it, lib/ with everything else. */
    private static final String RUNTIME = "jobs/target/runtime";

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
            System.err.println("error: " + PrintableText.line(e.getMessage()));
            System.exit(2);
        }
    }

    private static void plan(SparkSettings settings, List<String> job, Map<String, String> users) {
        try {
            settings.plan(TrainingJob.memory(job, users), machineMemory());
        } catch (InputException e) {
            if (job.isEmpty() || !job.get(0).equals(TrainingJob.DOCTOR)) {
                throw e;
            }
            settings.plan(Optional.empty(), machineMemory());
        }
    }

    /** Environment assignments, program and arguments, as {@code env} takes them. */
    List<String> command(LaunchArguments arguments, Map<String, String> environment) {
        return arguments.needsSpark()
                ? sparkCommand(arguments, environment)
                : plainCommand(arguments.job(), environment);
    }

    private List<String> plainCommand(List<String> job, Map<String, String> environment) {
        List<String> command = new ArrayList<>();
        command.add(java());
        // A job of a second: the optimizing compiler and a parallel collector would cost more than they give.
        command.addAll(List.of("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.add(logConfiguration());
        // For jobs that submit applications.
        new SparkInstallation(root.resolve(RUNTIME), clusterJar, defaults())
                .properties()
                .forEach((property, value) -> command.add("-D" + property + "=" + value));
        command.addAll(List.of("-cp", localClassPath() + hadoopConfiguration(environment), MAIN));
        command.addAll(job);
        return command;
    }

    private List<String> sparkCommand(LaunchArguments arguments, Map<String, String> environment) {
        Master master = Master.parse(arguments.master());
        boolean local = master.kind() == Master.Kind.LOCAL;
        Path ours = defaults();
        Map<String, String> users = new LinkedHashMap<>();
        arguments.propertiesFile().ifPresent(file -> users.putAll(read(Path.of(file))));
        users.putAll(arguments.settings());
        SparkSettings settings = new SparkSettings(master, read(ours), users);
        Optional<StepOptions> benchmark = BenchmarkJob.options(arguments.job());
        benchmark
                .flatMap(options -> BenchmarkJob.memory(options, users))
                .ifPresentOrElse(
                        memory -> settings.plan(memory, machineMemory()), () -> plan(settings, arguments.job(), users));
        // A benchmark's one task has all of its threads.
        String nativeThreads = benchmark
                .map(options -> String.valueOf(options.threads()))
                .orElseGet(() -> settings.get("spark.task.cpus", "1"));

        List<String> command = new ArrayList<>();
        command.add("SPARK_HOME=" + sparkHome(master, environment));
        command.add("SPARK_SCALA_VERSION=2.12");
        command.add("OMP_NUM_THREADS=" + environment.getOrDefault("OMP_NUM_THREADS", nativeThreads));
        command.add(java());
        command.addAll(words(JavaModuleOptions.defaultModuleOptions()));
        command.addAll(words(settings.get("spark.driver.extraJavaOptions", "")));
        command.add("-Xmx" + settings.driverHeap());
        command.add(logConfiguration());
        String classPath =
                local ? localClassPath() : sparkHome(master, environment).resolve("jars") + "/*";
        command.addAll(List.of("-cp", classPath + hadoopConfiguration(environment)));
        command.addAll(List.of("org.apache.spark.deploy.SparkSubmit", "--master", master.url()));
        command.addAll(List.of("--properties-file", ours.toString()));
        settings.settings().forEach((key, value) -> command.addAll(List.of("--conf", key + "=" + value)));
        command.addAll(List.of("--class", MAIN, local ? "spark-internal" : clusterJar.toString()));
        command.addAll(arguments.job());
        return command;
    }

    private Path defaults() {
        return root.resolve("conf").resolve("spark-defaults.conf");
    }

    /** Where Spark's jars are: those of the build, which lack the classes of YARN and Kubernetes. */
    private Path sparkHome(Master master, Map<String, String> environment) {
        if (master.kind() != Master.Kind.INSTALLED) {
            return root.resolve(RUNTIME);
        }
        String installed = environment.get("SPARK_HOME");
        if (installed == null || !Files.isDirectory(Path.of(installed, "jars"))) {
            throw new InputException(
                    "--master " + master.url() + " needs an installed Spark 3.5 (Scala 2.12), because its"
                            + " classes for YARN and Kubernetes are not among the build's jars, and SPARK_HOME "
                            + (installed == null ? "is not set" : "= " + installed + " has no folder jars")
                            + ". Set SPARK_HOME to it, or use its spark-submit with conf/spark-defaults.conf.");
        }
        return Path.of(installed);
    }

    private static List<String> words(String options) {
        return options.isBlank() ? List.of() : List.of(options.trim().split("\\s+"));
    }

    private static long machineMemory() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private String logConfiguration() {
        return "-Dlog4j2.configurationFile="
                + root.resolve("conf/log4j2.properties").toUri();
    }

    /** The job's classes and Spark's; elsewhere Spark loads the job's from the cluster jar. */
    private String localClassPath() {
        Path runtime = root.resolve(RUNTIME);
        return jar + ":" + runtime.resolve("lib") + "/*:" + runtime.resolve("jars") + "/*";
    }

    /** Where the machine keeps core-site.xml and its like, as spark-submit looks for them. */
    private static String hadoopConfiguration(Map<String, String> environment) {
        return Stream.of("HADOOP_CONF_DIR", "YARN_CONF_DIR")
                .map(environment::get)
                .filter(folder -> folder != null && !folder.isEmpty())
                .map(folder -> ":" + folder)
                .collect(Collectors.joining());
    }

    private static Map<String, String> read(Path propertiesFile) {
        if (!Files.isRegularFile(propertiesFile)) {
            throw new InputException("There is no file " + propertiesFile + " with Spark's settings.");
        }
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(propertiesFile)) {
            properties.load(in);
        } catch (IOException e) {
            throw new InputException(propertiesFile + " cannot be read: " + e.getMessage() + ".", e);
        }
        Map<String, String> settings = new TreeMap<>();
        properties
                .stringPropertyNames()
                .forEach(key -> settings.put(key, properties.getProperty(key).trim()));
        return settings;
    }
}
