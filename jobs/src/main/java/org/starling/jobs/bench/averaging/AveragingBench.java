package org.starling.jobs.bench.averaging;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.starling.InputException;
import org.starling.jobs.bench.BenchmarkReport;
import org.starling.jobs.bench.Machine;
import org.starling.jobs.bench.Samples;
import org.starling.jobs.bench.cluster.ForkedProcess;
import org.starling.jobs.bench.cluster.SparkInstallation;
import org.starling.jobs.bench.cluster.StandaloneCluster;
import org.starling.jobs.bench.cluster.Submissions;
import org.starling.model.SequentialModel;

/**
 * Compares rounds of averaging, Starling's and dl4j-spark's: applications of both on one cluster of separate JVMs, in turn, so that what
 * disturbs the machine disturbs both.
 */
public final class AveragingBench {
    private final AveragingOptions options;
    private final SequentialModel network;
    private final Optional<String> master;
    private final SparkInstallation installation;
    private final ApplicationSettings settings;
    private final Consumer<String> progress;

    /**
     * @param options checked
     * @param network theirs
     * @param master URL of the cluster; empty for one of the benchmark's own, on this machine
     * @param progress told what has been measured, a line at a time
     */
    public AveragingBench(
            AveragingOptions options,
            SequentialModel network,
            Optional<String> master,
            SparkInstallation installation,
            Consumer<String> progress) {
        this.options = options;
        this.network = network;
        this.master = master;
        this.installation = installation;
        this.settings = new ApplicationSettings(options, network);
        this.progress = progress;
    }

    /**
     * Measures.
     *
     * @throws InputException when an application fails; what it printed is kept
     */
    public BenchmarkReport run() {
        int megabytes = settings.executorMegabytes();
        try {
            Path folder = Files.createTempDirectory("starling-bench-averaging-");
            BenchmarkReport report =
                    master.isPresent() ? onCluster(folder, master.get()) : onClusterOfItsOwn(folder, megabytes);
            delete(folder);
            return report;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private BenchmarkReport onCluster(Path folder, String url) throws IOException, InterruptedException {
        try (Submissions submissions = new Submissions(installation, url, folder, Map.of())) {
            return compare(folder, submissions, () -> {});
        }
    }

    private BenchmarkReport onClusterOfItsOwn(Path folder, int megabytes) throws IOException, InterruptedException {
        int cores = options.replicasPerExecutor();
        progress.accept("starting a standalone cluster: %d Workers of %s and %,d MB"
                .formatted(options.executors(), cores == 1 ? "one core" : cores + " cores", megabytes));
        try (StandaloneCluster cluster =
                new StandaloneCluster(installation, folder, options.executors(), cores, megabytes)) {
            return compare(folder, cluster.submissions(), cluster::removeBinaries);
        }
    }

    /** @param betweenApplications what is done after each */
    private BenchmarkReport compare(Path folder, Submissions submissions, Runnable betweenApplications)
            throws IOException, InterruptedException {
        Contestant starling = new Contestant();
        Contestant dl4j = new Contestant();
        for (int application = 1; application <= options.repeats(); application++) {
            run(Averaging.Kind.STARLING, application, starling, folder, submissions);
            betweenApplications.run();
            if (!options.skipDl4j()) {
                run(Averaging.Kind.DL4J, application, dl4j, folder, submissions);
                betweenApplications.run();
            }
        }
        return new AveragingReport(
                Machine.current(),
                master,
                options,
                network,
                starling,
                options.skipDl4j() ? Optional.empty() : Optional.of(dl4j));
    }

    private void run(Averaging.Kind kind, int application, Contestant contestant, Path folder, Submissions submissions)
            throws IOException, InterruptedException {
        String name = kind.name().toLowerCase(Locale.ROOT);
        List<String> job = new ArrayList<>(List.of(
                "bench",
                "averaging-rounds",
                "--of=" + name,
                "--replicas=" + options.replicas(),
                "--executors=" + options.executors(),
                "--rounds=" + options.rounds()));
        job.addAll(options.network().words(network));
        try (ForkedProcess driver = submissions.start(ApplicationSettings.words(settings.of(kind)), job)) {
            ForkedProcess.Result result = driver.await(limit());
            if (result.exitCode() != 0) {
                throw new InputException("Application %d of %s ended with exit code %d%s What it printed is in %s."
                        .formatted(application, name, result.exitCode(), lastLine(result.err()), folder));
            }
            contestant.add(ApplicationFigures.of(result.out().strip()));
        }
        Samples seconds = contestant.seconds(application - 1);
        progress.accept(String.format(
                Locale.ROOT,
                "application %d/%d of %-8s  a round: median %.3f s, %.3f to %.3f s",
                application,
                options.repeats(),
                name,
                seconds.median(),
                seconds.min(),
                seconds.max()));
    }

    /** Generous, and an end: a cluster that hangs should not hang the benchmark. */
    private Duration limit() {
        return Duration.ofMinutes(10 + 2L * (options.rounds() + 1));
    }

    private static String lastLine(String text) {
        List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
        return lines.isEmpty()
                ? "."
                : " and says: " + lines.get(lines.size() - 1).strip();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
