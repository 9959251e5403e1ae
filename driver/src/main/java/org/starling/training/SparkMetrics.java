package org.starling.training;

import com.codahale.metrics.Counter;
import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.apache.spark.SparkEnv;
import org.apache.spark.metrics.MetricsSystem;
import org.apache.spark.metrics.source.Source;

/**
 * A training in Spark's metrics system, where its sinks (Prometheus, Graphite, JMX, CSV) find it, as {@code starling.*} of the driver. What is not known yet
 * is NaN.
 */
final class SparkMetrics implements Source, TrainingListener {
    private final MetricRegistry registry = new MetricRegistry();
    private final Counter images = registry.counter("images");
    private final Counter checkpoints = registry.counter("checkpoints");
    private final Counter resumes = registry.counter("resumes");
    private String name = sourceName(1);
    private volatile TrainingEvent.Start start;
    private volatile TrainingEvent.Round round;
    private volatile TrainingEvent.Validation validation;
    private volatile TrainingEvent.Checkpoint checkpoint;

    SparkMetrics() {
        gauge("replicas", () -> start, TrainingEvent.Start::replicas);
        gauge("rounds", () -> start, TrainingEvent.Start::rounds);
        gauge("round", () -> round, TrainingEvent.Round::round);
        gauge("epochsDone", () -> round, TrainingEvent.Round::epochsDone);
        gauge("loss", () -> round, TrainingEvent.Round::loss);
        gauge("accuracy", () -> round, TrainingEvent.Round::accuracy);
        gauge("learningRate", () -> round, TrainingEvent.Round::learningRate);
        gauge("imagesPerSecond", () -> round, r -> r.examples() / r.seconds());
        gauge("roundSeconds", () -> round, TrainingEvent.Round::seconds);
        gauge("waitSeconds", () -> round, r -> r.times().waitSeconds());
        gauge("gatherSeconds", () -> round, r -> r.times().gatherSeconds());
        gauge("trainSeconds", () -> round, r -> r.times().trainSeconds());
        gauge("averageSeconds", () -> round, r -> r.times().averageSeconds());
        gauge("slowestReplicaSeconds", () -> round, r -> r.times().slowestSeconds());
        gauge("validationAccuracy", () -> validation, v -> v.result().top1Accuracy());
        gauge("validationTop5Accuracy", () -> validation, v -> v.result().top5Accuracy());
        gauge("validationLoss", () -> validation, v -> v.result().loss());
        gauge("validationBest", () -> validation, TrainingEvent.Validation::best);
        gauge("validationSeconds", () -> validation, TrainingEvent.Validation::seconds);
        gauge("checkpointRound", () -> checkpoint, TrainingEvent.Checkpoint::round);
        gauge("checkpointSeconds", () -> checkpoint, TrainingEvent.Checkpoint::seconds);
    }

    /** Shows it until it is closed. */
    interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /** Shows the training in the metrics of this JVM's Spark. A second one at the same time is {@code starling2.*}. */
    Registration register() {
        MetricsSystem system = SparkEnv.get().metricsSystem();
        synchronized (SparkMetrics.class) {
            int number = 1;
            while (!system.getSourcesByName(sourceName(number)).isEmpty()) {
                number++;
            }
            name = sourceName(number);
            system.registerSource(this);
        }
        return () -> system.removeSource(this);
    }

    /** None begins with another's: Spark removes a source with all names that begin with its own. */
    private static String sourceName(int number) {
        return (number == 1 ? "starling" : "starling" + number) + ".training";
    }

    private <E> void gauge(String metric, Supplier<E> last, ToDoubleFunction<E> value) {
        registry.register(metric, (Gauge<Double>) () -> {
            E event = last.get();
            return event == null ? Double.NaN : value.applyAsDouble(event);
        });
    }

    @Override
    public String sourceName() {
        return name;
    }

    @Override
    public MetricRegistry metricRegistry() {
        return registry;
    }

    @Override
    public void onStart(TrainingEvent.Start event) {
        start = event;
    }

    @Override
    public void onResume(TrainingEvent.Resume event) {
        resumes.inc();
    }

    @Override
    public void onRound(TrainingEvent.Round event) {
        round = event;
        images.inc(event.examples());
    }

    @Override
    public void onValidation(TrainingEvent.Validation event) {
        validation = event;
    }

    @Override
    public void onCheckpoint(TrainingEvent.Checkpoint event) {
        checkpoint = event;
        checkpoints.inc();
    }
}
