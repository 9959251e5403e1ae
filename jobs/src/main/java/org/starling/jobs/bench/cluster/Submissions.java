package org.starling.jobs.bench.cluster;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Applications sent to one cluster, each with a driver JVM of its own on this machine, as bin/spark-submit sends them. What they print is in
 * files. They end when this is closed.
 */
public final class Submissions implements AutoCloseable {
    private static final Duration LAUNCHER = Duration.ofSeconds(180);
    private static final String MAIN = "org.starling.jobs.Starling";

    private final SparkInstallation installation;
    private final String master;
    private final Path logs;
    private final Map<String, String> environment;
    private final List<ForkedProcess> drivers = new ArrayList<>();

    /**
     * @param master URL of the cluster
     * @param logs folder for what the drivers print
     * @param environment of the drivers, beside the installation's
     */
    public Submissions(SparkInstallation installation, String master, Path logs, Map<String, String> environment) {
        this.installation = installation;
        this.master = master;
        this.logs = logs;
        this.environment = new HashMap<>(installation.environment());
        this.environment.putAll(environment);
    }

    /**
     * Sends a job.
     *
     * @param options of spark-submit, beside master, properties file and class
     * @param job the job's name and arguments
     * @return the driver
     */
    public ForkedProcess start(List<String> options, List<String> job) throws IOException, InterruptedException {
        return start(options, MAIN, installation.jar(), job);
    }

    /**
     * Sends another program.
     *
     * @param options of spark-submit, beside master, properties file and class
     * @param main its class
     * @param jar that has it
     * @return the driver
     */
    public ForkedProcess start(List<String> options, String main, Path jar, List<String> arguments)
            throws IOException, InterruptedException {
        String name = "job-" + (drivers.size() + 1);
        List<String> submit = new ArrayList<>(List.of("org.apache.spark.deploy.SparkSubmit", "--master", master));
        submit.addAll(List.of("--properties-file", installation.defaults().toString()));
        submit.addAll(options);
        submit.addAll(List.of("--class", main, jar.toString()));
        submit.addAll(arguments);
        ForkedProcess driver = ForkedProcess.start(logs, logs, name, environment, command(name, submit));
        drivers.add(driver);
        return driver;
    }

    /** The driver's command line as bin/spark-submit makes it: by Spark's launcher, from options and properties file. */
    private List<String> command(String name, List<String> submit) throws IOException, InterruptedException {
        List<String> command = ForkedProcess.java("-Xmx64m", "-XX:TieredStopAtLevel=1");
        command.addAll(List.of("-cp", installation.classPath(), "org.apache.spark.launcher.Main"));
        command.addAll(submit);
        try (ForkedProcess launcher = ForkedProcess.start(logs, logs, name + "-launcher", environment, command)) {
            ForkedProcess.Result result = launcher.await(LAUNCHER);
            if (result.exitCode() != 0) {
                throw new IllegalStateException(result.toString());
            }
            return List.of(result.out().trim().replaceAll("^\0+|\0+$", "").split("\0"));
        }
    }

    @Override
    public void close() {
        drivers.forEach(ForkedProcess::close);
    }
}
