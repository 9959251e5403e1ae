package org.starling.jobs;

import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hadoop.fs.Path;
import org.starling.jobs.bench.BenchmarkReport;
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
