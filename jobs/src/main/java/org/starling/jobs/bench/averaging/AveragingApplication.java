package org.starling.jobs.bench.averaging;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;
import org.starling.model.SequentialModel;

/** One application of the benchmark, run in its driver: a round that is not timed, then those that are. */
public final class AveragingApplication {
    private static final long SEED = 1;

    private final JavaSparkContext spark;
    private final DriverTraffic traffic = new DriverTraffic();

    public AveragingApplication(JavaSparkContext spark) {
        this.spark = spark;
        spark.sc().addSparkListener(traffic);
    }

    /**
     * Measures.
     *
     * @param kind {@code starling} or {@code dl4j}
     * @return the figures, a line of JSON
     */
    public String run(String kind, SequentialModel network, int batch, int replicas, int executors, int rounds) {
        requireExecutors(executors);
        Averaging averaging =
                switch (Averaging.Kind.valueOf(kind.toUpperCase(Locale.ROOT))) {
                    case STARLING -> new StarlingAveraging(spark, network, batch, replicas, SEED);
                    case DL4J -> new Dl4jAveraging(spark, network, batch, replicas, SEED);
                };
        List<RoundFigures> figures = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            figures.add(measured(averaging));
        }
        return new ApplicationFigures(
                        figures.subList(1, figures.size()),
                        PeakHeap.ofThisJvm(),
                        PeakHeap.ofExecutors(spark, executors))
                .json();
    }

    /** Spark has waited for them, for a while, before it gave the context. */
    private void requireExecutors(int executors) {
        int registered = spark.sc().statusTracker().getExecutorInfos().length - 1;
        if (registered < executors) {
            throw new InputException("Only %d of %d executors registered at %s within %s. Check that the cluster has"
                            .formatted(
                                    registered,
                                    executors,
                                    spark.master(),
                                    spark.getConf().get(ApplicationSettings.EXECUTOR_WAIT))
                    + " %s free cores and %s of memory for each."
                            .formatted(
                                    spark.getConf().get("spark.executor.cores"),
                                    spark.getConf().get("spark.executor.memory")));
        }
    }

    private RoundFigures measured(Averaging averaging) {
        settle();
        traffic.reset();
        Long written = WrittenBytes.soFar();
        long start = System.nanoTime();
        Double trainSeconds = averaging.round();
        double seconds = (System.nanoTime() - start) / 1e9;
        settle();
        return new RoundFigures(
                seconds,
                trainSeconds,
                traffic.shuffleBytes(),
                traffic.resultBytes(),
                traffic.broadcastBytes(),
                written == null ? null : WrittenBytes.soFar() - written);
    }

    /** Waits until the listener has been told everything. */
    private void settle() {
        try {
            spark.sc().listenerBus().waitUntilEmpty();
        } catch (TimeoutException e) {
            throw new IllegalStateException("Spark's events do not arrive", e);
        }
    }
}
