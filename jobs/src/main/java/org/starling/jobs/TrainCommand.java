package org.starling.jobs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.jobs.configuration.Settings;
import org.starling.jobs.configuration.TrainingFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code starling train CONF [key=value ...]}. */
@Command(
        name = "train",
        description = "Trains the network of a training file.",
        footerHeading = "%nExample:%n",
        footer = "  starling train conf/quickstart.conf training.epochs=5 run.directory=runs/short")
final class TrainCommand extends Job {
    @Parameters(
            paramLabel = "CONF [key=value ...]",
            arity = "0..*",
            description = {
                "A training file (HOCON) on any Hadoop path, and settings that win over it.",
                "With --resume the file may be left out: the run's own is taken."
            })
    private List<String> arguments = new ArrayList<>();

    @Option(
            names = "--resume",
            paramLabel = "RUN",
            description = "Go on with the run in this directory, from its newest checkpoint.")
    private Optional<String> resume = Optional.empty();

    @Option(names = "--show-config", description = "Print all settings with where each comes from, and end.")
    private boolean showConfig;

    @Option(names = "--help-keys", description = "List all settings, and end.")
    private boolean helpKeys;

    TrainCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() {
        if (helpKeys) {
            out().print(Settings.help());
            return ExitCode.OK;
        }
        TrainingFile file = trainingFile();
        if (showConfig) {
            out().print(file.effectiveText());
            return ExitCode.OK;
        }
        throw new InputException("train is not there yet.");
    }

    private TrainingFile trainingFile() {
        boolean ownFile =
                resume.isPresent() && (arguments.isEmpty() || arguments.get(0).matches("[A-Za-z0-9.]+=.*"));
        if (arguments.isEmpty() && !ownFile) {
            throw new InputException("train needs a training file, such as: starling train conf/quickstart.conf");
        }
        String file = ownFile ? new Path(resume.get(), "config.conf").toString() : arguments.get(0);
        List<String> assignments = new ArrayList<>(ownFile ? arguments : arguments.subList(1, arguments.size()));
        resume.ifPresent(run -> assignments.add("run.directory=" + run));
        return TrainingFile.read(file, assignments, hadoop());
    }
}
