package org.starling.evaluation;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.util.CollectionAccumulator;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.starling.InputException;
import org.starling.checkpoint.ModelDescription;
import org.starling.data.BadImage;
import org.starling.data.ImageRecord;
import org.starling.data.ImageSource;
import org.starling.data.Picture;
import org.starling.model.ImageShape;

/**
 * Evaluates a model, or an ensemble and each of its members, on a labelled image set, in one pass: a Spark job whose tasks read the models and the
 * images themselves.
 *
 * <p>The set is always dealt to the same number of tasks, whatever the cluster, and cut into the same batches. On Starling's kernels an image's
 * probabilities do not depend on its batch; what layers of DL4J's compute may, in the last bits.
 */
public final class Evaluator implements Serializable {
    private static final long serialVersionUID = 1L;

    /** Enough to keep a small cluster busy; few enough that a zipped file is not read through too often. */
    public static final int TASKS = 64;

    /** Where larger ones gain nothing on the networks of {@code conf/models}. */
    public static final int BATCH = 64;

    private static final int MISTAKES = 24;

    /**
     * What one task found.
     *
     * @param alone scores of each network of an ensemble
     * @param without scores of the others without it
     */
    private record Part(
            EvaluationResult result,
            List<Score> alone,
            List<Score> without,
            List<BadImage> badImages,
            List<Mistake> mistakes)
            implements Serializable {}

    private final Classifier classifier;
    private final int batch;
    private final int tasks;

    /**
     * @param batch pictures that a network computes at once
     * @param tasks into how many parts the set is cut
     */
    public Evaluator(Classifier classifier, int batch, int tasks) {
        this.classifier = classifier;
        this.batch = batch;
        this.tasks = tasks;
    }

    public Evaluator(Classifier classifier) {
        this(classifier, BATCH, TASKS);
    }

    /** As {@link #evaluate(JavaSparkContext, ImageSource, Optional)}, without a table. */
    public Evaluation evaluate(JavaSparkContext spark, ImageSource data) {
        return evaluate(spark, data, Optional.empty());
    }

    /**
     * Counts every image once.
     *
     * @param table takes a row an image
     * @throws InputException when a model cannot be used, the data has other classes than the model, no image can be read, or the table exists. Where
     *     a task finds the fault, {@link InputException#within} finds it in what Spark throws
     */
    public Evaluation evaluate(JavaSparkContext spark, ImageSource data, Optional<PredictionTable> table) {
        long start = System.nanoTime();
        List<String> labels = Ensemble.labels(classifier, spark.hadoopConfiguration());
        int[] outputs = ClassNames.outputs(labels, data, classifier.models().get(0));
        table.ifPresent(t -> t.requireAbsent(spark.hadoopConfiguration()));
        AnswerColumns columns = table.map(t -> t.columns(classifier, labels, spark.hadoopConfiguration()))
                .orElse(null);
        Broadcast<SerializableConfiguration> hadoop =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        // Exact in spite of retries: a job of one stage counts each finished task once.
        CollectionAccumulator<Part> parts = spark.sc().collectionAccumulator("results");
        String folder = data.folder();
        JavaRDD<Row> answers = data.records(spark, tasks)
                .mapPartitions(images -> new Counting(images, hadoop, outputs, labels, columns, folder, parts));
        spark.setJobDescription("evaluate on " + data.location());
        try {
            if (table.isPresent()) {
                table.get().write(spark, answers, columns);
            } else {
                answers.foreachPartition(Evaluator::drain);
            }
        } finally {
            spark.setJobDescription(null);
            hadoop.destroy();
        }
        Part whole = parts.value().stream().reduce(Evaluator::join).orElseThrow();
        if (whole.result().images() == 0) {
            throw noImages(data, whole.badImages());
        }
        return new Evaluation(
                classifier,
                data.location(),
                labels,
                whole.result(),
                members(whole),
                whole.badImages().stream()
                        .sorted(Comparator.comparing(BadImage::name))
                        .toList(),
                whole.mistakes(),
                (System.nanoTime() - start) * 1e-9);
    }

    /**
     * Pictures of an evaluation's mistakes, as the first network sees them, for which those images are read once more.
     *
     * @return PNG files in the order of {@link Evaluation#mistakes}
     */
    public List<byte[]> pictures(JavaSparkContext spark, ImageSource data, Evaluation evaluation) {
        List<String> names = evaluation.mistakes().stream().map(Mistake::name).toList();
        if (names.isEmpty()) {
            return List.of();
        }
        String first = classifier.models().get(0);
        ModelDescription description = Ensemble.describe(first, classifier, spark.hadoopConfiguration());
        ImageShape shape = description.model(first).input();
        int shortSide = description.preprocessing().shortSide();
        spark.setJobDescription("draw mistakes");
        try {
            return data.select(spark, List.of(names))
                    .map(image -> Picture.png(image, shape, shortSide))
                    .collect();
        } finally {
            spark.setJobDescription(null);
        }
    }

    private static void drain(Iterator<Row> rows) {
        rows.forEachRemaining(row -> {});
    }

    private static InputException noImages(ImageSource data, List<BadImage> bad) {
        return new InputException(
                "%s: none of the %d images can be read; the first, %s: %s. Expected JPEG, PNG, GIF or BMP files."
                        .formatted(
                                data.location(),
                                bad.size(),
                                bad.get(0).name(),
                                bad.get(0).reason()));
    }

    private List<MemberResult> members(Part whole) {
        double[] weights = classifier.average().weights();
        double sum = Arrays.stream(weights).sum();
        List<MemberResult> members = new ArrayList<>();
        for (int m = 0; m < whole.alone().size(); m++) {
            members.add(new MemberResult(
                    classifier.models().get(m),
                    weights[m] / sum,
                    whole.alone().get(m),
                    classifier.average().without(m) == null
                            ? null
                            : whole.without().get(m)));
        }
        return members;
    }

    /** Counts a task's images while their rows are asked for. */
    private final class Counting implements Iterator<Row> {
        private final int[] outputs;
        private final List<String> labels;
        private final AnswerColumns columns;
        private final String folder;
        private final CollectionAccumulator<Part> parts;
        private final Iterator<Ensemble.Outcome> outcomes;
        private final List<PredictionAverage> without = new ArrayList<>();
        private final Tally tally;
        private final List<Score> scores = new ArrayList<>();
        private final List<Score> scoresWithout = new ArrayList<>();
        private final List<BadImage> bad = new ArrayList<>();
        private final MistakeSample mistakes = new MistakeSample(MISTAKES);
        private boolean reported;

        /** @param columns null where no rows are wanted: they are null too */
        Counting(
                Iterator<ImageRecord> images,
                Broadcast<SerializableConfiguration> hadoop,
                int[] outputs,
                List<String> labels,
                AnswerColumns columns,
                String folder,
                CollectionAccumulator<Part> parts) {
            this.outputs = outputs;
            this.labels = labels;
            this.columns = columns;
            this.folder = folder;
            this.parts = parts;
            this.tally = new Tally(labels.size());
            int networks = classifier.models().size();
            for (int network = 0; networks > 1 && network < networks; network++) {
                without.add(classifier.average().without(network));
                scores.add(Score.NONE);
                scoresWithout.add(Score.NONE);
            }
            TaskContext task = TaskContext.get();
            Ensemble ensemble = new Ensemble(classifier, hadoop.value().value(), task);
            task.addTaskCompletionListener((TaskCompletionListener) ended -> ensemble.close());
            this.outcomes = ensemble.predict(images, batch);
        }

        @Override
        public boolean hasNext() {
            boolean more = outcomes.hasNext();
            if (!more && !reported) {
                reported = true;
                parts.add(new Part(tally.result(), scores, scoresWithout, bad, mistakes.mistakes()));
            }
            return more;
        }

        @Override
        public Row next() {
            Ensemble.Outcome outcome = outcomes.next();
            ImageRecord image = outcome.image();
            int actual = outputs[image.label()];
            float[] average = null;
            if (outcome.error() == null) {
                average = classifier.average().of(outcome.outputs());
                count(image, actual, outcome.outputs(), average);
            } else {
                bad.add(new BadImage(image.name(), outcome.error()));
            }
            return columns == null
                    ? null
                    : PredictionTable.row(
                            Predictor.path(folder, image), labels.get(actual), average, outcome.error(), columns);
        }

        private void count(ImageRecord image, int actual, float[][] probabilities, float[] average) {
            int predicted = tally.add(actual, average, 0);
            if (predicted != actual) {
                mistakes.offer(new Mistake(image.name(), actual, predicted, average[predicted]));
            }
            for (int network = 0; network < without.size(); network++) {
                scores.set(network, scores.get(network).plus(actual, probabilities[network]));
                if (without.get(network) != null) {
                    float[] others = without.get(network).of(probabilities);
                    scoresWithout.set(network, scoresWithout.get(network).plus(actual, others));
                }
            }
        }
    }

    private static Part join(Part first, Part second) {
        List<BadImage> bad = new ArrayList<>(first.badImages());
        bad.addAll(second.badImages());
        List<Mistake> mistakes =
                Mistake.surest(Stream.concat(first.mistakes().stream(), second.mistakes().stream()), MISTAKES);
        return new Part(
                first.result().plus(second.result()),
                sums(first.alone(), second.alone()),
                sums(first.without(), second.without()),
                bad,
                mistakes);
    }

    private static List<Score> sums(List<Score> first, List<Score> second) {
        List<Score> sums = new ArrayList<>();
        for (int i = 0; i < first.size(); i++) {
            sums.add(first.get(i).plus(second.get(i)));
        }
        return sums;
    }
}
