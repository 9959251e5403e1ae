package org.starling.jobs.cluster;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.yarn.conf.YarnConfiguration;
import org.apache.hadoop.yarn.server.MiniYARNCluster;
import org.apache.spark.deploy.yarn.Client;
import org.starling.jobs.bench.cluster.ForkedProcess;

/**
 * YARN on loopback: a ResourceManager and two NodeManagers in this JVM, whose containers are JVMs of their own, and a Spark installation
 * that has the classes for YARN. Jobs are sent as bin/spark-submit sends them, with the cluster jar and conf/spark-defaults.conf.
 */
final class MiniYarn implements AutoCloseable {
    private static final int NODES = 2;
    /** For two executors and a driver of conf/spark-defaults.conf; what is not used is not taken from the machine. */
    private static final int NODE_MEGABYTES = 8192;

    private static final Duration LAUNCHER = Duration.ofSeconds(60);
    private static final String LOOPBACK = "127.0.0.1";

    /**
     * Where a driver runs.
     *
     * @see <a href="https://spark.apache.org/docs/3.5.5/running-on-yarn.html">Running Spark on YARN</a>
     */
    enum DeployMode {
        /** In the process that submits. */
        CLIENT,
        /** In the application master's container. */
        CLUSTER
    }

    private final Path folder;
    private final MiniYARNCluster cluster;
    private final Path sparkHome;
    private final Path hadoopConfiguration;
    private int jobs;

    /**
     * @param folder for its files and its jobs' output
     * @param fileSystem URL of the file system where jobs are staged
     */
    MiniYarn(Path folder, String fileSystem) throws IOException {
        this.folder = Files.createDirectories(folder.toAbsolutePath());
        this.sparkHome = sparkWithYarn();
        this.cluster = new MiniYARNCluster(folder.getFileName().toString(), NODES, 1, 1);
        cluster.init(configuration(fileSystem));
        cluster.start();
        this.hadoopConfiguration = Files.createDirectories(this.folder.resolve("hadoop-conf"));
        // The ResourceManager's ports are known now. Defaults of YARN win over core-site.xml, so both files have
        // everything.
        for (String site : List.of("core-site.xml", "yarn-site.xml")) {
            try (OutputStream out = Files.newOutputStream(hadoopConfiguration.resolve(site))) {
                cluster.getConfig().writeXml(out);
            }
        }
    }

    private static Configuration configuration(String fileSystem) {
        Configuration yarn = new YarnConfiguration();
        yarn.set("fs.defaultFS", fileSystem);
        // Without "fixed" ports the mini cluster listens on the machine's own name. Port 0: the system chooses a free
        // one.
        yarn.setBoolean(YarnConfiguration.YARN_MINICLUSTER_FIXED_PORTS, true);
        for (String address : List.of(
                YarnConfiguration.RM_ADDRESS,
                YarnConfiguration.RM_SCHEDULER_ADDRESS,
                YarnConfiguration.RM_RESOURCE_TRACKER_ADDRESS,
                YarnConfiguration.RM_ADMIN_ADDRESS,
                YarnConfiguration.RM_WEBAPP_ADDRESS,
                YarnConfiguration.NM_ADDRESS,
                YarnConfiguration.NM_LOCALIZER_ADDRESS,
                YarnConfiguration.NM_WEBAPP_ADDRESS)) {
            yarn.set(address, LOOPBACK + ":0");
        }
        yarn.setInt(YarnConfiguration.YARN_MINICLUSTER_NM_PMEM_MB, NODE_MEGABYTES);
        yarn.setInt(YarnConfiguration.RM_SCHEDULER_MINIMUM_ALLOCATION_MB, 128);
        // A JVM reserves far more addresses than it uses memory.
        yarn.setBoolean(YarnConfiguration.NM_VMEM_CHECK_ENABLED, false);
        // A disk that is nearly full is no reason to wait for ever.
        yarn.setFloat(YarnConfiguration.NM_MAX_PER_DISK_UTILIZATION_PERCENTAGE, 100);
        yarn.set(
                YarnConfiguration.RM_SCHEDULER,
                "org.apache.hadoop.yarn.server.resourcemanager.scheduler.fifo.FifoScheduler");
        return yarn;
    }

    /** The jars of the build, which lack Spark's classes for YARN, and beside them the jar that has those. */
    private Path sparkWithYarn() throws IOException {
        Path jars = Files.createDirectories(folder.resolve("spark/jars"));
        Path yarn = Path.of(
                Client.class.getProtectionDomain().getCodeSource().getLocation().getPath());
        for (Path jar : Stream.concat(Checkout.list(Checkout.RUNTIME.resolve("jars")).stream(), Stream.of(yarn))
                .toList()) {
            Path link = jars.resolve(jar.getFileName());
            Files.deleteIfExists(link);
            Files.createSymbolicLink(link, jar);
        }
        return jars.getParent();
    }

    /**
     * Sends a job and waits for its end.
     *
     * @param options of spark-submit, beside master, deploy mode, properties file and class
     * @param job the job's name and arguments
     * @return of the process that submits, which prints the job's output in client mode only
     */
    ForkedProcess.Result submit(DeployMode mode, Duration limit, List<String> options, List<String> job)
            throws IOException, InterruptedException {
        String name = "job-" + ++jobs;
        List<String> submit = new ArrayList<>(List.of("org.apache.spark.deploy.SparkSubmit", "--master", "yarn"));
        submit.addAll(List.of("--deploy-mode", mode.name().toLowerCase()));
        submit.addAll(List.of(
                "--properties-file",
                Checkout.ROOT.resolve("conf/spark-defaults.conf").toString()));
        // What every node has need not be uploaded.
        submit.addAll(List.of("--conf", "spark.yarn.jars=local:" + sparkHome.resolve("jars") + "/*"));
        for (String container : List.of("spark.yarn.appMasterEnv.", "spark.executorEnv.")) {
            submit.addAll(List.of("--conf", container + "SPARK_LOCAL_IP=" + LOOPBACK));
            submit.addAll(List.of("--conf", container + "JAVA_HOME=" + System.getProperty("java.home")));
        }
        // In an application master Spark's pages need a filter of YARN's proxy, a jar that an installation has and
        // Maven's set lacks.
        submit.addAll(List.of("--conf", "spark.ui.enabled=false"));
        submit.addAll(options);
        submit.addAll(List.of(
                "--class", "org.starling.jobs.Starling", Checkout.clusterJar().toString()));
        submit.addAll(job);
        try (ForkedProcess process =
                ForkedProcess.start(folder, folder, name, environment(), sparkClass(name + "-launcher", submit))) {
            return process.await(limit);
        }
    }

    private Map<String, String> environment() {
        return Map.of(
                "SPARK_HOME", sparkHome.toString(),
                "SPARK_SCALA_VERSION", "2.12",
                "SPARK_LOCAL_IP", LOOPBACK,
                "HADOOP_CONF_DIR", hadoopConfiguration.toString(),
                "JAVA_HOME", System.getProperty("java.home"));
    }

    /** The command that Spark's script bin/spark-class has its launcher make of a class and its arguments. */
    private List<String> sparkClass(String name, List<String> arguments) throws IOException, InterruptedException {
        List<String> launcher = ForkedProcess.java("-Xmx128m", "-cp", sparkHome.resolve("jars") + "/*");
        launcher.add("org.apache.spark.launcher.Main");
        launcher.addAll(arguments);
        try (ForkedProcess process = ForkedProcess.start(folder, folder, name, environment(), launcher)) {
            ForkedProcess.Result result = process.await(LAUNCHER);
            if (result.exitCode() != 0) {
                throw new IllegalStateException(result.toString());
            }
            // Words end in NUL, and one more ends the environment that the launcher sets, which is empty here.
            return List.of(
                    result.out().strip().replaceAll("^\0+|\0+$", "").strip().split("\0"));
        }
    }

    /**
     * What the containers of an application wrote, of all its attempts, as {@code yarn logs} would show it.
     *
     * @param file {@code stdout}, {@code stderr} or {@code starling.log}
     */
    String output(String application, String file) throws IOException {
        try (Stream<Path> paths = Files.walk(cluster.getTestWorkDir().toPath())) {
            StringBuilder output = new StringBuilder();
            for (Path path : paths.filter(
                            path -> path.endsWith(file) && path.toString().contains(application))
                    .sorted()
                    .toList()) {
                output.append(Files.readString(path));
            }
            return output.toString();
        }
    }

    @Override
    public void close() {
        cluster.stop();
    }
}
