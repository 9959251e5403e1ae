package org.starling.jobs.launch;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.jobs.configuration.TrainingFile;
import org.starling.jobs.run.EnsembleRuns;
import org.starling.jobs.run.RunFiles;
import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration;

/** The training file behind {@code train CONF [key=value ...] [--resume RUN]} or {@code doctor CONF}, read before the job's JVM starts. */
final class TrainingJob {
    /** Finds fault itself with what is too little. */
    static final String DOCTOR = "doctor";

    private static final String HADOOP = "spark.hadoop.";

    /** Those that train, and the one that looks whether that could work. */
    private static final Set<String> JOBS = Set.of("train", DOCTOR);

    private TrainingJob() {}

    /**
     * What the job has to hold in memory; empty when it is not a training, or when its files cannot be read: the job itself
     * will say that, as it does under spark-submit.
     *
     * @param job the job's name and arguments
     * @param settings Spark's settings; those under {@code spark.hadoop} are Hadoop's
     */
    static Optional<TrainingMemory> memory(List<String> job, Map<String, String> settings) {
        if (job.isEmpty() || !JOBS.contains(job.get(0))) {
            return Optional.empty();
        }
        Configuration hadoop = hadoop(settings);
        try {
            TrainingConfiguration configuration = read(job.subList(1, job.size()), hadoop);
            SequentialModel model = SequentialModel.read(
                    new Path(configuration.model().file()),
                    hadoop,
                    configuration.model().options());
            return Optional.of(TrainingMemory.of(model, configuration.training()));
        } catch (InputException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Hadoop's settings among Spark's. */
    static Configuration hadoop(Map<String, String> settings) {
        Configuration hadoop = new Configuration();
        settings.forEach((key, value) -> {
            if (key.startsWith(HADOOP)) {
                hadoop.set(key.substring(HADOOP.length()), value);
            }
        });
        return hadoop;
    }

    private static TrainingConfiguration read(List<String> words, Configuration hadoop) {
        Optional<String> resumed = Optional.empty();
        List<String> others = new ArrayList<>();
        int networks = 0;
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.equals("--resume") && i + 1 < words.size()) {
                resumed = Optional.of(words.get(++i));
            } else if (word.startsWith("--resume=")) {
                resumed = Optional.of(word.substring("--resume=".length()));
            } else if (word.equals("--ensemble") && i + 1 < words.size()) {
                networks = Integer.parseInt(words.get(++i));
            } else if (word.startsWith("--ensemble=")) {
                networks = Integer.parseInt(word.substring("--ensemble=".length()));
            } else if (!word.startsWith("-")) {
                others.add(word);
            }
        }
        if (resumed.isPresent() && (others.isEmpty() || others.get(0).contains("="))) {
            String run = networks > 0 ? new EnsembleRuns(resumed.get(), networks).run(1) : resumed.get();
            others.add(0, new Path(run, RunFiles.CONFIGURATION).toString());
        }
        if (others.isEmpty()) {
            throw new InputException("train needs a training file.");
        }
        return TrainingFile.read(others.get(0), others.subList(1, others.size()), hadoop)
                .configuration();
    }
}
