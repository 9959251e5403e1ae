package org.starling.jobs;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;
import org.starling.data.ImageRecord;
import org.starling.data.ImageSource;
import org.starling.jobs.bench.BenchmarkReport;
import org.starling.jobs.configuration.Redaction;
import org.starling.jobs.run.ResultFile;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;

/** What all benchmarks share: a table on standard output, and figures in a file. */
abstract class BenchmarkCommand extends Job {
    BenchmarkCommand(Environment environment) {
        super(environment);
    }

    /** The network of {@code --model}. */
    SequentialModel model(String file) {
        return SequentialModel.read(new Path(qualified("--model", file)), hadoop(), ModelOptions.DEFAULT);
    }

    /**
     * The first images of a set, in memory, without labels.
     *
     * @param path qualified
     * @throws InputException when they are no files, or fewer than {@code least}
     */
    List<ImageRecord> images(String path, String format, int least, int most) {
        List<ImageRecord> images;
        try (JavaSparkContext spark = spark("starling bench")) {
            images = ImageSource.openUnlabelled(spark, path, format)
                    .records(spark)
                    .take(most);
        }
        if (images.size() < least || images.stream().anyMatch(image -> image.encoding() != ImageRecord.Encoding.FILE)) {
            throw new InputException(
                    ("%s has no image files that can be read, or fewer than %d, or values that need no decoding."
                                    + " Expected image files, such as JPEG.")
                            .formatted(Redaction.ofUri(path), least));
        }
        return images;
    }

    /**
     * Measures, prints, and writes.
     *
     * @param file of {@code --out}, where it was given: known to be writable before anything is measured
     */
    int report(Optional<String> file, Supplier<BenchmarkReport> measurement) {
        if (file.isEmpty()) {
            out().print(measurement.get().text());
            return ExitCode.OK;
        }
        try (ResultFile result = ResultFile.claim("--out", qualified("--out", file.get()), hadoop())) {
            BenchmarkReport report = measurement.get();
            out().print(report.text());
            result.write(report.json());
            out().println("written: " + result.shown());
        }
        return ExitCode.OK;
    }
}
