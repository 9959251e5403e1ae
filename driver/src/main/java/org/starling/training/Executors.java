package org.starling.training;

import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.Function;
import org.starling.InputException;
import org.starling.layers.StarlingLayers;
import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration.Kernels;
import org.starling.training.TrainingConfiguration.ModelSettings;
import scala.Tuple2;

/** The executors of a run, before round 1: are they there, do they see the files that the driver sees, and what do they compute with? */
final class Executors {
    /** Of asking all executors for their reports. One is enough unless an executor comes or goes meanwhile. */
    private static final int ATTEMPTS = 5;

    private final JavaSparkContext spark;

    Executors(JavaSparkContext spark) {
        this.spark = spark;
    }

    /**
     * Waits until the executors asked for have registered.
     *
     * @param seconds after which it gives up
     * @param stop ends the waiting
     * @param notice told what is waited for
     * @throws StoppedException when the run is to stop
     */
    void await(int seconds, StopRequest stop, Consumer<String> notice) {
        int expected = expected(spark.getConf(), spark.master());
        long deadline = System.nanoTime() + seconds * 1_000_000_000L;
        int announced = -1;
        for (int registered = registered(); registered < expected; registered = registered()) {
            if (registered != announced) {
                notice.accept("waiting for executors: " + registered + " of " + expected + " registered at "
                        + spark.master() + ", giving up after " + seconds + " s");
                announced = registered;
            }
            if (System.nanoTime() > deadline) {
                throw new InputException("Only " + registered + " of " + expected + " executors registered at "
                        + spark.master() + " within " + seconds
                        + " s. Check that the cluster has free cores and memory for spark.executor.cores="
                        + spark.getConf().get("spark.executor.cores", "all") + " and spark.executor.memory="
                        + spark.getConf().get("spark.executor.memory", "1g")
                        + ", ask for fewer executors, or wait longer with run.waitSeconds.");
            }
            pause();
            stop.check();
        }
    }

    /**
     * Executors asked for by configuration; with dynamic allocation those that it begins with; 1 where Spark itself decides; 0 in local mode,
     * where the driver computes.
     */
    static int expected(SparkConf conf, String master) {
        if (master.equals("local") || master.startsWith("local[")) {
            return 0;
        }
        if (master.startsWith("local-cluster[")) {
            return Integer.parseInt(master.substring("local-cluster[".length(), master.indexOf(','))
                    .trim());
        }
        if (conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
            // The others come when tasks wait for them, none of which there are yet.
            int least = conf.getInt("spark.dynamicAllocation.minExecutors", 0);
            int initial = conf.getInt("spark.dynamicAllocation.initialExecutors", least);
            return IntStream.of(least, initial, conf.getInt("spark.executor.instances", 0))
                    .max()
                    .getAsInt();
        }
        if (conf.contains("spark.executor.instances")) {
            return conf.getInt("spark.executor.instances", 1);
        }
        if (conf.contains("spark.cores.max") && conf.contains("spark.executor.cores")) {
            return Math.max(1, conf.getInt("spark.cores.max", 1) / conf.getInt("spark.executor.cores", 1));
        }
        return 1;
    }

    int registered() {
        // Not even the driver is listed before a cluster has answered.
        return Math.max(0, spark.sc().statusTracker().getExecutorInfos().length - 1);
    }

    private static void pause() {
        try {
            Thread.sleep(200);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for executors", e);
        }
    }

    /**
     * Refuses {@code file:} paths that an executor on another machine does not see: the driver writes a file into the run directory and every
     * executor looks for it and for the data.
     */
    void requireShared(Path runDirectory, List<Path> data) {
        if (spark.isLocal()) {
            return;
        }
        List<String> wanted = new ArrayList<>();
        try {
            Path probe = null;
            if (isLocalFile(runDirectory)) {
                probe = new Path(runDirectory, ".probe-" + UUID.randomUUID());
                probe.getFileSystem(spark.hadoopConfiguration())
                        .create(probe, false)
                        .close();
                wanted.add(probe.toString());
            }
            for (Path path : data) {
                // A path that the driver does not see either is another error, told when the data is opened.
                if (isLocalFile(path) && new File(path.toUri().getPath()).exists()) {
                    wanted.add(path.toString());
                }
            }
            try {
                refuseUnseen(runDirectory, wanted);
            } finally {
                if (probe != null) {
                    probe.getFileSystem(spark.hadoopConfiguration()).delete(probe, false);
                }
            }
        } catch (IOException e) {
            throw new InputException("Cannot write into the run directory " + runDirectory + ": " + e.getMessage(), e);
        }
    }

    private void refuseUnseen(Path runDirectory, List<String> wanted) {
        if (wanted.isEmpty()) {
            return;
        }
        List<String> unseen = unseen(wanted);
        if (!unseen.isEmpty()) {
            throw new InputException("Executors on other machines do not see these paths: "
                    + String.join(", ", new TreeSet<>(unseen)) + ". The run directory " + runDirectory
                    + " and the data must lie on a file system that all machines share, for example hdfs:.");
        }
    }

    /** Which of the paths some executor does not see, each with the executor's host. */
    List<String> unseen(List<String> paths) {
        return probes().flatMap(number -> paths.stream()
                        .filter(path -> !new File(new Path(path).toUri().getPath()).exists())
                        .map(path -> path + " on "
                                + SparkEnv.get().blockManager().blockManagerId().host())
                        .iterator())
                .distinct()
                .collect();
    }

    /** Several tasks an executor: Spark deals them to idle executors in turn, so every one of them is very likely asked. */
    private JavaRDD<Integer> probes() {
        int tasks = 4 * Math.max(1, registered());
        List<Integer> numbers = IntStream.range(0, tasks).boxed().toList();
        return spark.parallelize(numbers, tasks);
    }

    /** Processors that Spark gives a task, and so the threads that it computes with. */
    static int taskCpus(SparkConf conf) {
        return conf.getInt("spark.task.cpus", 1);
    }

    /**
     * What every executor computes with, or the driver in local mode, by host.
     *
     * @param notice told when an executor does not answer
     */
    List<ExecutorReport> report(Kernels kernels, Consumer<String> notice) {
        int taskCpus = taskCpus(spark.getConf());
        Map<String, ExecutorReport> reports = ask(number -> ExecutorReport.ofThisJvm(kernels, taskCpus));
        if (reports.size() < registered()) {
            notice.accept("only " + reports.size() + " of " + registered() + " executors say what they compute with");
        }
        return reports.values().stream()
                .sorted(Comparator.comparing(ExecutorReport::host).thenComparing(ExecutorReport::executor))
                .toList();
    }

    /**
     * What every executor answers, or the driver in local mode, by Spark's name of it. One that comes or goes meanwhile may be missing.
     *
     * @param question run in a task of the executor, more than once
     */
    <T> Map<String, T> ask(Function<Integer, T> question) {
        Map<String, T> answers = new TreeMap<>();
        for (int attempt = 0; attempt < ATTEMPTS && answers.size() < Math.max(1, registered()); attempt++) {
            probes().mapToPair(number -> new Tuple2<>(SparkEnv.get().executorId(), question.call(number)))
                    .collect()
                    .forEach(answer -> answers.put(answer._1(), answer._2()));
        }
        return answers;
    }

    /**
     * Refuses layers that multiply with DL4J's own kernels on machines with different CPUs unless they are allowed: OpenBLAS chooses its code by
     * the CPU, so that a replica's parameters would depend on the machine that its task came to. With {@link Kernels#STOCK} that is every
     * layer, and with Starling's kernels those that they do not know.
     */
    static void requireOneCpu(ModelSettings settings, SequentialModel model, List<ExecutorReport> reports) {
        Map<String, Set<String>> hosts = new TreeMap<>();
        reports.forEach(report -> hosts.computeIfAbsent(report.cpu().toString(), cpu -> new TreeSet<>())
                .add(report.host()));
        if (settings.allowMixedCpus() || hosts.size() <= 1) {
            return;
        }
        boolean stock = settings.kernels() == Kernels.STOCK;
        // The seed of what only a replica draws.
        Map<String, String> layers = stock ? Map.of() : StarlingLayers.stockMultiplications(model.toDl4j(0));
        if (!stock && layers.isEmpty()) {
            return;
        }
        String machines = hosts.entrySet().stream()
                .map(kind -> kind.getKey() + " on " + String.join(", ", kind.getValue()))
                .collect(Collectors.joining("; "));
        String subject = stock
                ? "model.kernels=stock computes"
                : "Starling has no kernels for these layers of " + model.source() + ": "
                        + layers.entrySet().stream()
                                .map(layer -> layer.getKey() + " (" + layer.getValue() + ")")
                                .collect(Collectors.joining(", "))
                        + ". DL4J's compute them";
        String remedy = stock
                ? "model.kernels=starling or machines of one kind"
                : "machines of one kind, or relu or no activation in these layers";
        throw new InputException(subject + " with OpenBLAS, which chooses its code by the CPU, and the executors have"
                + " different ones: " + machines
                + ". The same run would give other bits when its tasks come to other machines. Use "
                + remedy + ", or accept it with model.allowMixedCpus=true.");
    }

    private boolean isLocalFile(Path path) throws IOException {
        return FileSystem.get(path.toUri(), spark.hadoopConfiguration())
                .getScheme()
                .equals("file");
    }
}
