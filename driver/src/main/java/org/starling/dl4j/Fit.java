package org.starling.dl4j;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.spark.api.TrainingHook;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.starling.dl4j.FitTimes.Part;
import org.starling.training.Seeds;

/** One pass of a network over data, in rounds of training and averaging. */
final class Fit {
    private static final Logger LOG = LoggerFactory.getLogger(Fit.class);

    private final MultiLayerNetwork network;
    private final WorkerData data;
    private final AveragingSettings settings;
    private final WorkerNetwork.Blueprint blueprint;
    private final NetworkVectors vectors;
    private final NetworkState state;
    private final FitTimes times;

    Fit(
            JavaSparkContext spark,
            MultiLayerNetwork network,
            WorkerData data,
            AveragingSettings settings,
            FitTimes times) {
        this.network = network;
        this.data = data;
        this.settings = settings;
        this.blueprint = WorkerNetwork.Blueprint.of(
                network, spark.getConf().getInt("spark.task.cpus", 1), settings.saveUpdater());
        this.vectors = NetworkVectors.of(network, settings.saveUpdater());
        this.state = new NetworkState(spark, data.dataSets());
        this.times = times;
    }

    /**
     * Trains and leaves the result in the network; when it throws, the network is as it was.
     *
     * @return the score of the last round: the mean over the workers' last minibatches, by examples
     */
    double run(List<TrainingHook> hooks, List<TrainingListener> listeners) {
        int iteration = network.getIterationCount();
        int epoch = network.getEpochCount();
        RoundOrder order = new RoundOrder(
                Seeds.of(settings.rngSeed(), epoch, iteration), data.rounds(settings.dataSetsPerRound()));
        long[][] examples = data.examples(order);
        double score = 0;
        try {
            times.measure(Part.START, () -> state.start(vectors));
            for (int round = 0; round < order.rounds(); round++) {
                WorkerRound work = new WorkerRound(
                        blueprint,
                        order,
                        round,
                        iteration,
                        epoch,
                        settings.batchSizePerWorker(),
                        settings.prefetchNumBatches(),
                        settings.rngSeed(),
                        hooks,
                        listeners);
                long[] weights = examples[round];
                List<WorkerStatistics> statistics =
                        times.measure(Part.ROUND, () -> state.advance(work, vectors.count(), weights));
                iteration += steps(statistics);
                score = score(statistics);
                LOG.info(
                        "round {} of {}: {} examples, score {}",
                        round + 1,
                        order.rounds(),
                        Arrays.stream(weights).sum(),
                        score);
            }
            times.measure(Part.END, this::bringBack);
        } finally {
            state.release();
        }
        network.setIterationCount(iteration);
        return score;
    }

    private void bringBack() {
        // Not into the network itself: a slice that cannot be had would leave half of it new.
        NetworkVectors result = vectors.copy();
        state.copyTo(result);
        vectors.assign(result);
    }

    /** As dl4j-spark counts them: {@code averagingFrequency} a round, so that schedules go on alike in all workers. */
    private int steps(List<WorkerStatistics> statistics) {
        int most = statistics.stream().mapToInt(WorkerStatistics::steps).max().orElse(0);
        return Math.max(most, settings.averagingFrequency());
    }

    private static double score(List<WorkerStatistics> statistics) {
        double examples =
                statistics.stream().mapToLong(WorkerStatistics::examples).sum();
        return statistics.stream().mapToDouble(s -> s.score() * s.examples()).sum() / examples;
    }
}
