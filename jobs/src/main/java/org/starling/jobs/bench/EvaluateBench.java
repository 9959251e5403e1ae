package org.starling.jobs.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;
import org.starling.checkpoint.ModelDescription;
import org.starling.checkpoint.ModelFile;
import org.starling.data.ImageRecord;
import org.starling.data.Normalization;
import org.starling.data.Preprocessing;
import org.starling.evaluation.Classifier;
import org.starling.evaluation.Evaluation;
import org.starling.evaluation.Evaluator;
import org.starling.layers.LayerClock;
import org.starling.model.SequentialModel;
import org.starling.training.StepBenchmark;
import org.starling.training.TrainingConfiguration.Kernels;

/**
 * Times the job {@code evaluate} on images in memory beside inference alone on one minibatch, by all processors: what Spark, decoding and counting add to
 * what the network has to compute.
 */
public final class EvaluateBench {
    private static final long SEED = 1;

    /** Of a set whose statistics are not known, and do not matter. */
    private static final double MEAN = 120;

    private static final double DEVIATION = 60;

    /** Parameters written at a time. */
    private static final int CHUNK = 1 << 16;

    private final JavaSparkContext spark;
    private final SequentialModel model;
    private final Optional<List<ImageRecord>> files;
    private final EvaluateOptions options;
    private final Consumer<String> progress;

    /**
     * @param spark in this JVM
     * @param files of {@code --data}
     * @param options checked
     * @param progress told what has been measured, a line at a time
     */
    public EvaluateBench(
            JavaSparkContext spark,
            SequentialModel model,
            Optional<List<ImageRecord>> files,
            EvaluateOptions options,
            Consumer<String> progress) {
        this.spark = spark;
        this.model = model;
        this.files = files;
        this.options = options;
        this.progress = progress;
    }

    /** Measures. */
    public EvaluateReport run() {
        Path folder = null;
        try {
            folder = Files.createTempDirectory("starling-bench");
            return run(folder.resolve("model.zip"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            delete(folder);
        }
    }

    private EvaluateReport run(Path zip) throws IOException {
        List<String> classes =
                IntStream.range(0, model.classes()).mapToObj(c -> "class " + c).toList();
        write(zip, classes);
        CachedImages images = files.isPresent()
                ? CachedImages.files(spark, files.get(), classes, options.images(), options.tasks())
                : CachedImages.noise(spark, model.input(), classes, options.images(), options.tasks());
        Evaluator evaluator =
                new Evaluator(Classifier.of(List.of(zip.toUri().toString())), options.batch(), options.tasks());
        List<Double> evaluation = new ArrayList<>();
        List<Double> inference = new ArrayList<>();
        int threads = Runtime.getRuntime().availableProcessors();
        try (StepBenchmark bare = new StepBenchmark(
                model,
                Kernels.STARLING,
                threads,
                StepBenchmark.images(model, options.batch(), SEED),
                SEED,
                LayerClock.NONE)) {
            for (int round = 1 - options.warmup(); round <= options.rounds(); round++) {
                // In turn, as what a machine's neighbours do may have a rhythm.
                boolean aloneFirst = round % 2 == 0;
                double before = aloneFirst ? imagesPerSecond(() -> infer(bare)) : 0;
                double whole = imagesPerSecond(() -> evaluate(evaluator, images));
                double alone = aloneFirst ? before : imagesPerSecond(() -> infer(bare));
                if (round > 0) {
                    evaluation.add(whole);
                    inference.add(alone);
                    progress.accept(String.format(
                            Locale.ROOT,
                            "round %d/%d  images/s: evaluate %.1f, inference alone %.1f",
                            round,
                            options.rounds(),
                            whole,
                            alone));
                }
            }
        } finally {
            images.images().unpersist();
        }
        return new EvaluateReport(Machine.current(), model, options, new Samples(evaluation), new Samples(inference));
    }

    private double imagesPerSecond(Runnable action) {
        long start = System.nanoTime();
        action.run();
        return options.images() * 1e9 / (System.nanoTime() - start);
    }

    private void evaluate(Evaluator evaluator, CachedImages images) {
        Evaluation evaluation = evaluator.evaluate(spark, images);
        if (evaluation.result().images() != options.images()) {
            throw new InputException("%d of %d images can be read. Expected files that can be read."
                    .formatted(evaluation.result().images(), options.images()));
        }
    }

    /** As many images, the last of which fill no batch. */
    private void infer(StepBenchmark bare) {
        for (int done = 0; done < options.images(); done += options.batch()) {
            bare.infer();
        }
    }

    /** A model with the weights that a training begins with. */
    private void write(Path zip, List<String> classes) throws IOException {
        int channels = model.input().channels();
        Preprocessing preprocessing = new Preprocessing(
                0,
                new Normalization(
                        DoubleStream.generate(() -> MEAN).limit(channels).toArray(),
                        DoubleStream.generate(() -> DEVIATION).limit(channels).toArray()));
        long parameters = model.parameterCount();
        Iterator<float[]> chunks = Stream.iterate(0L, offset -> offset < parameters, offset -> offset + CHUNK)
                .map(offset -> {
                    float[] chunk = new float[(int) Math.min(CHUNK, parameters - offset)];
                    model.initialize(SEED, offset, chunk);
                    return chunk;
                })
                .iterator();
        ModelFile.write(
                new org.apache.hadoop.fs.Path(zip.toUri()),
                spark.hadoopConfiguration(),
                ModelDescription.of(model, classes, preprocessing, SEED, Map.of()),
                chunks);
    }

    private static void delete(Path folder) {
        if (folder == null) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            // The system's folder for what is temporary.
        }
    }
}
