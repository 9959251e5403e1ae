package org.starling.jobs.bench.averaging;

import org.apache.spark.api.java.JavaSparkContext;
import org.starling.model.SequentialModel;
import org.starling.training.AveragingBenchmark;

/** Starling's rounds. */
final class StarlingAveraging implements Averaging {
    private final AveragingBenchmark benchmark;

    StarlingAveraging(JavaSparkContext spark, SequentialModel model, int batch, int replicas, long seed) {
        benchmark = new AveragingBenchmark(spark, model, batch, replicas, seed);
        benchmark.initialize();
    }

    @Override
    public Double round() {
        return benchmark.round();
    }
}
