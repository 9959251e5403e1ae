package org.starling.training;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.InputException;
import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration.Kernels;

/** Looks whether a cluster, and a training on it, can work, before hours are spent. It leaves nothing behind. */
public final class Diagnosis {
    private static final long GIGABYTE = 1L << 30;

    private final JavaSparkContext spark;
    private final Executors executors;
    private final Consumer<Finding> told;
    private Collection<ExecutorHealth> healths = List.of();

    /** @param told of each finding when it is made */
    public Diagnosis(JavaSparkContext spark, Consumer<Finding> told) {
        this.spark = spark;
        this.executors = new Executors(spark);
        this.told = told;
    }

    private interface Check {
        void run() throws IOException;
    }

    /** What cannot even be looked at is a problem, and the next thing is looked at. */
    private void look(String subject, Check check) {
        try {
            check.run();
        } catch (Exception e) {
            String why = InputException.within(e)
                    .map(InputException::getMessage)
                    .orElseGet(() -> e.getClass().getSimpleName() + ": "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
            told.accept(Finding.problem(subject, why, ""));
        }
    }

    /**
     * The executors, each asked.
     *
     * @param kernels that are to compute
     * @param waitSeconds for executors that have not registered
     * @return whether there is one to go on with
     */
    public boolean machines(Kernels kernels, int waitSeconds) {
        look("executors", () -> await(waitSeconds));
        if (!spark.isLocal() && executors.registered() < 1) {
            return false;
        }
        look("executors", () -> {
            int taskCpus = Executors.taskCpus(spark.getConf());
            healths = executors
                    .ask(number -> ExecutorHealth.ofThisJvm(kernels, taskCpus))
                    .values();
            java();
            kernels();
            nativeThreads();
            each(
                    "natives",
                    "ND4J's library computes",
                    ExecutorHealth::natives,
                    fault -> Finding.problem(
                            "natives",
                            fault,
                            "Its nd4j-native is not for this machine, or it cannot be unpacked: set"
                                    + " -Dorg.bytedeco.javacpp.cachedir to a folder from which programs may run."));
            String serializer = healths.iterator().next().serializer();
            each(
                    "serializer",
                    "ND4J's arrays come through Spark's " + serializer,
                    ExecutorHealth::serialization,
                    fault -> Finding.warning(
                            "serializer",
                            "ND4J's arrays do not come through Spark's %s: %s".formatted(serializer, fault),
                            "Starling's jobs send none, programs that train with dl4j-spark do. Leave spark.serializer as it is, or register them: spark.kryo.registrator=org.nd4j.kryo.Nd4jRegistrator."));
            machineMemory();
        });
        return !healths.isEmpty();
    }

    private void await(int waitSeconds) {
        int expected = Executors.expected(spark.getConf(), spark.master());
        executors.await(waitSeconds, new StopRequest(), notice -> {});
        String found = spark.isLocal()
                ? "this JVM computes, as " + spark.master()
                : "%d of %d registered at %s".formatted(executors.registered(), expected, spark.master());
        told.accept(Finding.ok("executors", found));
    }

    /** Executors that answer alike, by their answer. */
    private Map<String, List<ExecutorHealth>> by(Function<ExecutorHealth, String> answer) {
        return healths.stream()
                .filter(health -> answer.apply(health) != null)
                .collect(Collectors.groupingBy(answer, TreeMap::new, Collectors.toList()));
    }

    private static String hosts(List<ExecutorHealth> some) {
        return some.stream()
                .map(health -> health.report().host())
                .collect(Collectors.toCollection(TreeSet::new))
                .stream()
                .collect(Collectors.joining(", "));
    }

    private static String count(List<ExecutorHealth> some) {
        return some.get(0).report().executor().equals("driver")
                ? "this JVM"
                : some.size() + (some.size() == 1 ? " executor" : " executors");
    }

    private void java() {
        by(health -> health.report().java()).forEach((version, some) -> {
            String text = version + " on " + count(some) + " (" + hosts(some) + ")";
            told.accept(
                    version.equals("17") || version.startsWith("17.")
                            ? Finding.ok("java", text)
                            : Finding.problem("java", text, "Starling needs 17 on every machine."));
        });
    }

    private void kernels() {
        by(health -> health.report().kernels() + " (" + health.report().cpu() + ", "
                        + health.report().threads() + " threads a task)")
                .forEach((kernels, some) -> {
                    ExecutorReport one = some.get(0).report();
                    String text = kernels + " on " + count(some) + " (" + hosts(some) + ")";
                    if (!one.kernels().equals("scalar")) {
                        told.accept(Finding.ok("kernels", text));
                        return;
                    }
                    String jvm = one.executor().equals("driver") ? "driver" : "executor";
                    told.accept(Finding.warning(
                            "kernels",
                            text + ", many times slower than vector kernels",
                            one.vectorModule()
                                    ? "Leave starling.kernels as it is, where this machine's CPU has vectors."
                                    : "Pass --conf spark." + jvm
                                            + ".extraJavaOptions=--add-modules=jdk.incubator.vector"));
                });
    }

    private void nativeThreads() {
        String wanted = Integer.toString(Executors.taskCpus(spark.getConf()));
        by(health -> String.valueOf(health.nativeThreads())).forEach((threads, some) -> {
            if (!threads.equals(wanted)) {
                told.accept(Finding.warning(
                        "threads",
                        "OMP_NUM_THREADS is %s on %s (%s), and a task has %s processors"
                                .formatted(
                                        threads.equals("null") ? "not set" : threads, count(some), hosts(some), wanted),
                        "Layers that DL4J computes would take other threads: pass --conf spark.executorEnv.OMP_NUM_THREADS="
                                + wanted + " (in local mode set it for the shell)."));
            }
        });
    }

    /**
     * Something that each executor has tried.
     *
     * @param fault what went wrong; null where nothing did
     * @param found of a fault and where it is
     */
    private void each(
            String subject, String success, Function<ExecutorHealth, String> fault, Function<String, Finding> found) {
        Map<String, List<ExecutorHealth>> faults = by(fault);
        faults.forEach((why, some) -> told.accept(found.apply(why + " on " + count(some) + " (" + hosts(some) + ")")));
        if (faults.isEmpty()) {
            told.accept(Finding.ok(subject, success + " on " + count(List.copyOf(healths))));
        }
    }

    private void machineMemory() {
        by(health -> health.report().host()).forEach((host, some) -> {
            long heaps = some.stream().mapToLong(ExecutorHealth::heap).sum();
            long machine = some.get(0).machine();
            String text = "%s has %s, and the heaps of %s there may take %s"
                    .formatted(host, size(machine), count(some), size(heaps));
            told.accept(
                    heaps > machine / 10 * 9
                            ? Finding.warning(
                                    "machine",
                                    text,
                                    "It would swap, or end them: give executors less memory, or fewer of them to a machine.")
                            : Finding.ok("machine", text));
        });
    }

    /**
     * What a training file names, on the executors that {@link #machines} has found.
     *
     * @param shuffleBytes that each executor will need on its disks for exchanges
     */
    public void training(TrainingConfiguration configuration, SequentialModel model, long shuffleBytes) {
        look(
                "kernels",
                () -> Executors.requireOneCpu(
                        configuration.model(),
                        model,
                        healths.stream().map(ExecutorHealth::report).toList()));
        look("disk", () -> disk(shuffleBytes));
        look("run", () -> runDirectory(new Path(configuration.run().directory())));
        look("data", () -> new DataDiagnosis(spark, executors, configuration, model, told).run());
    }

    private void disk(long needed) {
        Map<String, ExecutorHealth.Disk> disks = new TreeMap<>();
        healths.forEach(health ->
                health.disks().forEach(disk -> disks.put(health.report().host() + ":" + disk.folder(), disk)));
        // Executors of one machine share its disks.
        long sharing = by(health -> health.report().host()).values().stream()
                .mapToLong(List::size)
                .max()
                .orElse(1);
        long wanted = needed * sharing;
        boolean enough = true;
        for (Map.Entry<String, ExecutorHealth.Disk> entry : disks.entrySet()) {
            long free = entry.getValue().free();
            String remedy = "Make room there, or name another disk with spark.local.dir (SPARK_LOCAL_DIRS on workers).";
            if (free < wanted) {
                enough = false;
                String text = free < 0
                        ? entry.getKey() + " cannot be written"
                        : "%s has %s free, and the exchanges need about %s"
                                .formatted(entry.getKey(), size(free), size(wanted));
                told.accept(Finding.problem("disk", text, remedy));
            } else if (free < 2 * wanted + GIGABYTE) {
                enough = false;
                told.accept(Finding.warning(
                        "disk",
                        "%s has %s free: enough for the exchanges (about %s), not for images that do not fit into memory"
                                .formatted(entry.getKey(), size(free), size(wanted)),
                        remedy));
            }
        }
        if (enough) {
            long least = disks.values().stream()
                    .mapToLong(ExecutorHealth.Disk::free)
                    .min()
                    .orElse(0);
            told.accept(Finding.ok(
                    "disk",
                    "%s or more free for shuffle files, which need about %s".formatted(size(least), size(wanted))));
        }
    }

    /** In the folder that there is, as the run's own is made when it begins. */
    private void runDirectory(Path directory) throws IOException {
        Configuration hadoop = spark.hadoopConfiguration();
        FileSystem fileSystem = directory.getFileSystem(hadoop);
        Path there = fileSystem.makeQualified(directory);
        while (!fileSystem.exists(there)) {
            there = there.getParent();
        }
        Path probe = new Path(there, ".starling-doctor-" + UUID.randomUUID());
        String subject = "run";
        try {
            String refused = refusal(fileSystem, probe);
            if (refused != null) {
                told.accept(Finding.problem(
                        subject,
                        "the driver cannot write into " + there + ": " + refused,
                        "Choose another with run.directory=PATH."));
                return;
            }
            String folder = probe.toString();
            SerializableConfiguration configuration = new SerializableConfiguration(hadoop);
            Map<String, String> faults = executors.ask(number -> {
                String fault = ExecutorHealth.unwritable(folder, configuration.value());
                return fault == null ? "" : fault;
            });
            faults.values().removeIf(String::isEmpty);
            Set<String> reasons = new TreeSet<>(faults.values());
            told.accept(
                    faults.isEmpty()
                            ? Finding.ok(subject, directory + " can be written by the driver and the executors")
                            : Finding.problem(
                                    subject,
                                    "executors %s cannot write into %s: %s"
                                            .formatted(
                                                    String.join(", ", faults.keySet()),
                                                    there,
                                                    String.join("; ", reasons)),
                                    "run.directory has to be on a file system that all machines share, where they may write."));
        } finally {
            fileSystem.delete(probe, true);
        }
    }

    /** Why the driver cannot make a folder; null where it has. */
    private static String refusal(FileSystem fileSystem, Path folder) {
        try {
            return fileSystem.mkdirs(folder) ? null : "no folder can be made";
        } catch (IOException e) {
            return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        }
    }

    private static String size(long bytes) {
        return bytes < 1000L << 20
                ? bytes / (1 << 20) + " MB"
                : String.format(Locale.ROOT, "%.1f GB", bytes / (double) GIGABYTE);
    }
}
