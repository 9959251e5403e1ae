package org.starling.jobs.bench.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;

/**
 * Spark's standalone cluster on loopback: a Master and Workers, each a JVM of its own, from an installation's jars. Ends with
 * what it started.
 */
public final class StandaloneCluster implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(180);
    private static final Duration JOB = Duration.ofMinutes(5);
    private static final String LOOPBACK = "127.0.0.1";

    private final SparkInstallation installation;
    private final Path folder;
    private final List<ForkedProcess> processes = new ArrayList<>();
    private final List<ForkedProcess> workers = new ArrayList<>();
    private final String url;
    private final Submissions submissions;

    /**
     * Starts it on one address, and waits until the Workers have registered.
     *
     * @param folder for logs and for the executors' working directories
     * @param workers number of Workers
     * @param cores of each
     * @param megabytes memory of each
     */
    public StandaloneCluster(SparkInstallation installation, Path folder, int workers, int cores, int megabytes)
            throws IOException, InterruptedException {
        this(installation, folder, Collections.nCopies(workers, LOOPBACK), cores, megabytes);
    }

    /**
     * Starts it, and waits until the Workers have registered.
     *
     * @param hosts a loopback address for each Worker; Spark takes different ones for different machines
     */
    public StandaloneCluster(SparkInstallation installation, Path folder, List<String> hosts, int cores, int megabytes)
            throws IOException, InterruptedException {
        this.installation = installation;
        this.folder = Files.createDirectories(folder.toAbsolutePath());
        try {
            ForkedProcess master = daemon("master", LOOPBACK, "org.apache.spark.deploy.master.Master");
            url = master.awaitLine(Pattern.compile("Starting Spark master at (spark://\\S+)"), START);
            submissions = new Submissions(installation, url, this.folder, Map.of("SPARK_LOCAL_IP", LOOPBACK));
            for (String host : hosts) {
                workers.add(daemon(
                        "worker-" + (workers.size() + 1),
                        host,
                        "org.apache.spark.deploy.worker.Worker",
                        "--cores",
                        String.valueOf(cores),
                        "--memory",
                        megabytes + "m",
                        "--work-dir",
                        workFolder().toString(),
                        url));
            }
            for (ForkedProcess worker : workers) {
                worker.awaitLine(Pattern.compile("(Successfully registered with master)"), START);
            }
        } catch (IOException | InterruptedException | RuntimeException e) {
            close();
            throw e;
        }
    }

    private ForkedProcess daemon(String name, String host, String main, String... arguments) throws IOException {
        List<String> command = ForkedProcess.java("-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1");
        command.addAll(List.of(JavaModuleOptions.defaultModuleOptions().trim().split("\\s+")));
        // SIGPWR lets a Worker go; without this it would be ignored.
        command.add("-Dspark.decommission.enabled=true");
        command.addAll(List.of("-cp", installation.classPath(), main));
        // Port 0: the system chooses a free one.
        command.addAll(List.of("--host", host, "--port", "0", "--webui-port", "0"));
        command.addAll(List.of(arguments));
        Map<String, String> environment = new HashMap<>(installation.environment());
        environment.put("SPARK_LOCAL_IP", host);
        ForkedProcess process = ForkedProcess.start(folder, folder, name, environment, command);
        processes.add(process);
        return process;
    }

    /** The master's URL. */
    public String url() {
        return url;
    }

    /** Jobs sent to it, which end with it. */
    public Submissions submissions() {
        return submissions;
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
        return submissions.start(options, List.of(job));
    }

    @Override
    public void close() {
        // Jobs first, then workers, which end their executors, then the master.
        if (submissions != null) {
            submissions.close();
        }
        for (int i = processes.size() - 1; i >= 0; i--) {
            processes.get(i).close();
        }
        removeBinaries();
    }

    /** Of what an executor leaves, 230 MB are the cluster jar and its native libraries; the logs stay. No job may be running. */
    public void removeBinaries() {
        if (!Files.isDirectory(workFolder())) {
            return;
        }
        try (Stream<Path> paths = Files.walk(workFolder())) {
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                if (!path.getFileName().toString().startsWith("std")) {
                    Files.deleteIfExists(path);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
