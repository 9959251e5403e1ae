package org.starling.jobs.bench;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.data.ImageRecord;
import org.starling.data.Minibatch;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.FmaPeak;
import org.starling.kernels.KernelProvider;
import org.starling.layers.LayerClock;
import org.starling.model.SequentialModel;
import org.starling.training.DivergedException;
import org.starling.training.StepBenchmark;
import org.starling.training.TrainingConfiguration.Kernels;

/**
 * Times training steps and inference on Starling's kernels, on DL4J's and in other programs, in turn, so that what disturbs the machine
 * disturbs all of them alike.
 */
public final class StepBench {
    private final SequentialModel model;
    private final StepOptions options;
    private final Optional<List<ImageRecord>> data;
    private final Consumer<String> progress;
    private final LayerTimes layers = new LayerTimes();

    /**
     * @param options checked
     * @param data image files of {@code --data}
     * @param progress told what has been measured, a line at a time
     */
    public StepBench(
            SequentialModel model, StepOptions options, Optional<List<ImageRecord>> data, Consumer<String> progress) {
        this.model = model;
        this.options = options;
        this.data = data;
        this.progress = progress;
    }

    /** Measures. */
    public StepReport run() {
        List<PeerSpeeds> peers = options.against().stream()
                .map(command -> new PeerSpeeds(new PeerProgram(command)))
                .toList();
        Minibatch images = StepBenchmark.images(model, options.batch(), options.seed());
        try (ComputeTeam team = new ComputeTeam(options.threads());
                Contestant starling = new Contestant("starling", benchmark(Kernels.STARLING, images, layers));
                Contestant stock = options.skipStock()
                        ? null
                        : new Contestant("stock dl4j", benchmark(Kernels.STOCK, images, LayerClock.NONE));
                DataSteps files = data.map(this::dataSteps).orElse(null)) {
            double before = FmaPeak.measure(team);
            for (int round = 1; round <= options.steps(); round++) {
                peers.forEach(PeerSpeeds::measure);
                if (round == 1) {
                    // Only now: a command that fails should do so at once.
                    warmUp(starling, stock);
                    if (files != null) {
                        files.warmUp(starling.benchmark);
                    }
                }
                measure(starling, stock, files);
                progress.accept(line(round, starling, stock, peers, files));
            }
            double after = FmaPeak.measure(team);
            return new StepReport(
                    Machine.current(),
                    model,
                    options,
                    KernelProvider.get().name(),
                    Nd4j.getEnvironment().maxThreads(),
                    before,
                    after,
                    starling.speeds,
                    Optional.ofNullable(stock).map(s -> s.speeds),
                    peers,
                    Optional.ofNullable(files).map(f -> f.result(starling.speeds.train())),
                    layers);
        }
    }

    private DataSteps dataSteps(List<ImageRecord> images) {
        return new DataSteps(
                new DataFeed(images, model, options.batch(), options.shortSide(), options.seed()), options.batch());
    }

    private StepBenchmark benchmark(Kernels kernels, Minibatch images, LayerClock clock) {
        return new StepBenchmark(model, kernels, options.threads(), images, options.seed(), clock);
    }

    private void warmUp(Contestant starling, Contestant stock) {
        for (int i = 0; i < options.warmup(); i++) {
            starling.train();
            starling.benchmark.infer();
            if (stock != null) {
                stock.train();
                stock.benchmark.infer();
            }
        }
    }

    private void measure(Contestant starling, Contestant stock, DataSteps files) {
        layers.beginStep();
        time(starling::train, starling.speeds::addTrain);
        layers.endStep();
        if (files != null) {
            files.measure(starling.benchmark);
        }
        if (stock != null) {
            time(stock::train, stock.speeds::addTrain);
        }
        time(starling.benchmark::infer, starling.speeds::addInference);
        if (stock != null) {
            time(stock.benchmark::infer, stock.speeds::addInference);
        }
    }

    private void time(Runnable action, DoubleConsumer imagesPerSecond) {
        long start = System.nanoTime();
        action.run();
        imagesPerSecond.accept(options.batch() * 1e9 / (System.nanoTime() - start));
    }

    private String line(int round, Contestant starling, Contestant stock, List<PeerSpeeds> peers, DataSteps files) {
        StringBuilder line =
                new StringBuilder("round %d/%d  images/s, training and inference:".formatted(round, options.steps()));
        append(line, starling.name, starling.speeds);
        if (files != null) {
            line.append(String.format(Locale.ROOT, "  from files %.1f", files.last()));
        }
        if (stock != null) {
            append(line, stock.name, stock.speeds);
        }
        for (int i = 0; i < peers.size(); i++) {
            append(line, StepReport.peerName(i), peers.get(i).speeds());
        }
        return line.toString();
    }

    private static void append(StringBuilder line, String name, Speeds speeds) {
        line.append(String.format(Locale.ROOT, "  %s %.1f, %.1f", name, speeds.lastTrain(), speeds.lastInference()));
    }

    /** A network and what it has reached so far. */
    private static final class Contestant implements AutoCloseable {
        private final String name;
        private final StepBenchmark benchmark;
        private final Speeds speeds = new Speeds();

        Contestant(String name, StepBenchmark benchmark) {
            this.name = name;
            this.benchmark = benchmark;
        }

        void train() {
            double loss = benchmark.trainStep();
            if (!Double.isFinite(loss)) {
                throw new DivergedException(
                        "The loss on the kernels of %s left the finite numbers, whose arithmetic is as fast as any but shows nothing. Give fewer --steps or another --seed."
                                .formatted(name));
            }
        }

        @Override
        public void close() {
            benchmark.close();
        }
    }
}
