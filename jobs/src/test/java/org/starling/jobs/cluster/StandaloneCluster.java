package org.starling.jobs.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * Spark's standalone cluster on loopback: a Master and Workers, each a JVM of its own, from the jars that Maven downloaded. Jobs
 * are sent as spark-submit sends them, with the cluster jar and conf/spark-defaults.conf.
 */
public final class StandaloneCluster implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration JOB = Duration.ofSeconds(150);
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "SPARK_HOME",
            Checkout.RUNTIME.toString(),
            "SPARK_SCALA_VERSION",
            "2.12",
            "SPARK_LOCAL_IP",
            "127.0.0.1",
            "JAVA_HOME",
            System.getProperty("java.home"));

    private final Path folder;
    private final List<ForkedProcess> processes = new ArrayList<>();
    private final List<ForkedProcess> workers = new ArrayList<>();
    private final String url;
    private int jobs;

    /**
     * @param folder for logs and for the executors' working directories
     * @param workers number of Workers
     * @param cores of each
     * @param megabytes memory of each
     */
    public StandaloneCluster(Path folder, int workers, int cores, int megabytes)
            throws IOException, InterruptedException {
        this.folder = Files.createDirectories(folder.toAbsolutePath());
        try {
            ForkedProcess master = daemon("master", "org.apache.spark.deploy.master.Master");
            url = master.awaitLine(Pattern.compile("Starting Spark master at (spark://\\S+)"), START);
            for (int worker = 1; worker <= workers; worker++) {
                this.workers.add(daemon(
                        "worker-" + worker,
                        "org.apache.spark.deploy.worker.Worker",
                        "--cores",
                        String.valueOf(cores),
                        "--memory",
                        megabytes + "m",
                        "--work-dir",
                        workFolder().toString(),
                        url));
            }
            for (ForkedProcess worker : this.workers) {
                worker.awaitLine(Pattern.compile("(Successfully registered with master)"), START);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private ForkedProcess daemon(String name, String main, String... arguments) throws IOException {
        List<String> command = ForkedProcess.java("-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
        command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().trim().split("\\s+")));
        command.addAll(List.of("-cp", Checkout.RUNTIME.resolve("jars") + "/*", main));
        // Port 0: the system chooses a free one.
        command.addAll(List.of("--host", "127.0.0.1", "--port", "0", "--webui-port", "0"));
        command.addAll(List.of(arguments));
        ForkedProcess process = ForkedProcess.start(folder, name, ENVIRONMENT, command);
        processes.add(process);
        return process;
    }

    /** The master's URL. */
    public String url() {
        return url;
    }

    /** Where the executors run: {@code app-.../N} of each application. */
    public Path workFolder() {
        return folder.resolve("work");
    }

    /** The Workers' processes. */
    public List<ProcessHandle> workers() {
        return workers.stream().map(ForkedProcess::handle).toList();
    }

    /** The processes of the executors that run now. */
    public List<ProcessHandle> executors() {
        return workers().stream().flatMap(ProcessHandle::children).toList();
    }

    /**
     * Sends a job and waits for its end.
     *
     * @param options of spark-submit, beside master, properties file and class
     * @param job the job's name and arguments
     */
    public ForkedProcess.Result submit(List<String> options, String... job) throws IOException, InterruptedException {
        try (ForkedProcess driver = start(options, job)) {
            return driver.await(JOB);
        }
    }

    /** Sends a job. */
    public ForkedProcess start(List<String> options, String... job) throws IOException, InterruptedException {
        String name = "job-" + ++jobs;
        List<String> submit = new ArrayList<>(List.of("org.apache.spark.deploy.SparkSubmit", "--master", url));
        submit.addAll(List.of(
                "--properties-file",
                Checkout.ROOT.resolve("conf/spark-defaults.conf").toString()));
        submit.addAll(options);
        submit.addAll(List.of(
                "--class", "org.starling.jobs.Starling", Checkout.clusterJar().toString()));
        submit.addAll(List.of(job));
        ForkedProcess driver = ForkedProcess.start(folder, name, ENVIRONMENT, driverCommand(name, submit));
        processes.add(driver);
        return driver;
    }

    /** The driver's command line as bin/spark-submit makes it: by Spark's launcher, from options and properties file. */
    private List<String> driverCommand(String name, List<String> submit) throws IOException, InterruptedException {
        List<String> command = ForkedProcess.java("-Xmx64m", "-XX:TieredStopAtLevel=1", "-cp");
        command.addAll(List.of(Checkout.RUNTIME.resolve("jars") + "/*", "org.apache.spark.launcher.Main"));
        command.addAll(submit);
        try (ForkedProcess launcher = ForkedProcess.start(folder, name + "-launcher", ENVIRONMENT, command)) {
            ForkedProcess.Result result = launcher.await(START);
            if (result.exitCode() != 0) {
                throw new IllegalStateException(result.toString());
            }
            return List.of(result.out().trim().replaceAll("^\0+|\0+$", "").split("\0"));
        }
    }

    @Override
    public void close() {
        // Jobs first, then workers, which end their executors, then the master.
        for (int i = processes.size() - 1; i >= 0; i--) {
            processes.get(i).close();
        }
        removeBinaries();
    }

    /** Of what an executor leaves, 230 MB are the cluster jar and its native libraries; the logs stay. */
    private void removeBinaries() {
        if (!Files.isDirectory(workFolder())) {
            return;
        }
        try (Stream<Path> paths = Files.walk(workFolder())) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                if (!path.getFileName().toString().startsWith("std")) {
                    Files.delete(path);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
