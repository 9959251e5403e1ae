package org.starling.jobs.launch;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.jobs.bench.StepOptions;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;

/** The options behind {@code bench step}, read before the job's JVM starts. */
final class BenchmarkJob {
    private BenchmarkJob() {}

    /** Empty for other jobs, and for options that the job will refuse. */
    static Optional<StepOptions> options(List<String> job) {
        return job.size() >= 2 && job.subList(0, 2).equals(List.of("bench", "step"))
                ? StepOptions.parse(job.subList(2, job.size()))
                        .filter(options -> options.batch() > 0 && options.threads() > 0)
                : Optional.empty();
    }

    /**
     * What the job has to hold in memory; empty when its model cannot be read, which the job itself will say.
     *
     * @param settings Spark's settings; those under {@code spark.hadoop} are Hadoop's
     */
    static Optional<BenchmarkMemory> memory(StepOptions options, Map<String, String> settings) {
        try {
            SequentialModel model =
                    SequentialModel.read(new Path(options.model()), TrainingJob.hadoop(settings), ModelOptions.DEFAULT);
            return Optional.of(BenchmarkMemory.of(model, options.batch(), options.replicas(), options.threads()));
        } catch (InputException e) {
            return Optional.empty();
        }
    }
}
