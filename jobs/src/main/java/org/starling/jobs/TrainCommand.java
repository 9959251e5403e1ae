package org.starling.jobs;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;
import org.starling.jobs.configuration.Redaction;
import org.starling.jobs.configuration.Settings;
import org.starling.jobs.configuration.TrainingFile;
import org.starling.jobs.launch.GivenMemory;
import org.starling.jobs.report.Report;
import org.starling.jobs.run.Console;
import org.starling.jobs.run.MetricsFile;
import org.starling.jobs.run.RunFiles;
import org.starling.jobs.run.RunRecord;
import org.starling.model.SequentialModel;
import org.starling.training.StoppedException;
import org.starling.training.Trainer;
import org.starling.training.TrainingConfiguration;
import org.starling.training.TrainingListener;
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
    /** Environment variable by which bin/starling says how it was called. */
    private static final String LAUNCHER = "STARLING_LAUNCHER";

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
        return train(file);
    }

    private int train(TrainingFile file) {
        TrainingConfiguration configuration = file.configuration();
        SequentialModel model = SequentialModel.read(
                new Path(configuration.model().file()),
                hadoop(),
                configuration.model().options());
        String memory = GivenMemory.check(sparkConf(), model, configuration.training());
        String directory = configuration.run().directory();
        RunFiles files =
                resume.isPresent() ? RunFiles.existing(directory, hadoop()) : RunFiles.fresh(directory, hadoop());
        out().println("run       " + files.shown());
        out().println("memory    " + memory);
        List<TrainingListener> listeners = List.of(
                new RunRecord(files, file.effectiveText(), environment().log()),
                new MetricsFile(files),
                new Report(files, file.effectiveText()),
                new Console(out()));
        try (JavaSparkContext spark = spark("starling train " + files.path().getName())) {
            Trainer trainer = new Trainer(spark, configuration, file.effectiveSettings(), listeners);
            environment().interruption().stopBy(trainer::stop);
            trainer.run(resume.isPresent());
            return ExitCode.OK;
        } catch (StoppedException e) {
            out().println("stopped   " + Redaction.ofText(e.getMessage()));
            if (e.resumable() || resume.isPresent()) {
                out().println("go on by  " + resumeCommand(files));
            }
            return environment().interruption().exitCode();
        }
    }

    /** The command line that goes on with a run; its own settings are in its directory, Spark's are not. */
    private String resumeCommand(RunFiles files) {
        String command = "train --resume " + ShellWord.quoted(files.shown());
        String launcher = System.getenv(LAUNCHER);
        if (launcher == null) {
            return "the same spark-submit with: " + command;
        }
        String master = sparkConf().get("spark.master");
        return ShellWord.quoted(launcher) + " " + command
                + (master.equals(DEFAULT_MASTER) ? "" : " --master " + ShellWord.quoted(master));
    }

    private TrainingFile trainingFile() {
        boolean ownFile =
                resume.isPresent() && (arguments.isEmpty() || arguments.get(0).matches("[A-Za-z0-9.]+=.*"));
        if (arguments.isEmpty() && !ownFile) {
            throw new InputException("train needs a training file, such as: starling train conf/quickstart.conf");
        }
        String file = ownFile ? ownConfiguration() : arguments.get(0);
        List<String> assignments = new ArrayList<>(ownFile ? arguments : arguments.subList(1, arguments.size()));
        resume.ifPresent(run -> assignments.add("run.directory=" + run));
        return TrainingFile.read(file, assignments, hadoop());
    }

    private String ownConfiguration() {
        RunFiles files = RunFiles.existing(resume.orElseThrow(), hadoop());
        return files.file(files.newestConfiguration()).toString();
    }
}
