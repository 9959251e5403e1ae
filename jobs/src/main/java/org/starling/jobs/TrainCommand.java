package org.starling.jobs;

import java.io.IOException;
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
import org.starling.jobs.run.EnsembleRuns;
import org.starling.jobs.run.MetricsFile;
import org.starling.jobs.run.RunFiles;
import org.starling.jobs.run.RunRecord;
import org.starling.jobs.run.TensorBoardFile;
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
        footerHeading = "%nExamples:%n",
        footer = {
            "  starling train conf/quickstart.conf training.epochs=5 run.directory=runs/short",
            "  starling train conf/quickstart.conf --ensemble 7 run.directory=runs/seven"
        })
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

    @Option(
            names = "--ensemble",
            paramLabel = "N",
            description = {
                "Train N networks that differ in seed and order, one after the other, in folders of run.directory.",
                "With --resume RUN, which is that directory, those that are not trained yet."
            })
    private Optional<Integer> ensemble = Optional.empty();

    @Option(names = "--show-config", description = "Print all settings with where each comes from, and end.")
    private boolean showConfig;

    @Option(names = "--help-keys", description = "List all settings, and end.")
    private boolean helpKeys;

    TrainCommand(Environment environment) {
        super(environment);
    }

    @Override
    public Integer call() throws IOException {
        if (helpKeys) {
            out().print(Settings.help());
            return ExitCode.OK;
        }
        ensemble.ifPresent(networks -> atLeast(2, "--ensemble", networks));
        if (ensemble.isPresent()) {
            return trainEnsemble();
        }
        TrainingFile file = trainingFile(List.of());
        if (showConfig) {
            out().print(file.effectiveText());
            return ExitCode.OK;
        }
        Training training = new Training(file, resume.isPresent());
        try (JavaSparkContext spark =
                spark("starling train " + training.files.path().getName())) {
            return training.run(spark, "--resume " + ShellWord.quoted(training.files.shown()));
        }
    }

    private int trainEnsemble() throws IOException {
        String directory = resume.isPresent()
                ? qualified("--resume", resume.get())
                : trainingFile(List.of()).configuration().run().directory();
        EnsembleRuns networks = new EnsembleRuns(directory, ensemble.orElseThrow());
        if (resume.isEmpty() && !showConfig) {
            networks.requireFresh(hadoop());
        }
        List<EnsembleRuns.State> states = networks.states(hadoop());
        List<Training> trainings = new ArrayList<>();
        for (int member = 1; member <= networks.networks(); member++) {
            if (states.get(member - 1) == EnsembleRuns.State.TRAINED) {
                out().println("trained   " + Redaction.ofUri(networks.run(member)));
                continue;
            }
            TrainingFile file = trainingFile(networks.settings(member));
            if (showConfig) {
                out().print(file.effectiveText());
                return ExitCode.OK;
            }
            // All are looked at before the first begins.
            trainings.add(new Training(file, states.get(member - 1) == EnsembleRuns.State.BEGUN));
        }
        String goOn = "--resume " + ShellWord.quoted(Redaction.ofUri(directory)) + " --ensemble " + networks.networks();
        try (JavaSparkContext spark = spark("starling train " + new Path(directory).getName())) {
            for (Training training : trainings) {
                int code = training.run(spark, goOn);
                if (code != ExitCode.OK || environment().interruption().exitCode() != 0) {
                    return code == ExitCode.OK ? environment().interruption().exitCode() : code;
                }
            }
        }
        out().println("ensemble: " + Redaction.ofUri(directory));
        return ExitCode.OK;
    }

    /** One network's training, whose settings and directory are found right. */
    private final class Training {
        private final TrainingFile file;
        private final TrainingConfiguration configuration;
        private final String memory;
        private final RunFiles files;
        private final boolean resumed;

        Training(TrainingFile file, boolean resumed) {
            this.file = file;
            this.resumed = resumed;
            this.configuration = file.configuration();
            SequentialModel model = SequentialModel.read(
                    new Path(configuration.model().file()),
                    hadoop(),
                    configuration.model().options());
            this.memory = GivenMemory.check(sparkConf(), model, configuration.training());
            String directory = configuration.run().directory();
            this.files = resumed ? RunFiles.existing(directory, hadoop()) : RunFiles.fresh(directory, hadoop());
        }

        /** @param goOn arguments of train that go on where this is stopped */
        int run(JavaSparkContext spark, String goOn) {
            out().println("run       " + files.shown());
            out().println("memory    " + memory);
            List<TrainingListener> listeners = List.of(
                    new RunRecord(files, file.effectiveText(), environment().log()),
                    new MetricsFile(files),
                    new TensorBoardFile(files),
                    new Report(files, file.effectiveText()),
                    new Console(out()));
            try {
                Trainer trainer = new Trainer(spark, configuration, file.effectiveSettings(), listeners);
                environment().interruption().stopBy(trainer::stop);
                trainer.run(resumed);
                return ExitCode.OK;
            } catch (StoppedException e) {
                out().println("stopped   " + Redaction.ofText(e.getMessage()));
                if (e.resumable() || resumed || ensemble.isPresent()) {
                    out().println("go on by  " + command("train " + goOn));
                }
                return environment().interruption().exitCode();
            }
        }
    }

    /** A command line as this one was given; a run's own settings are in its directory, Spark's are not. */
    private String command(String job) {
        String launcher = System.getenv(LAUNCHER);
        if (launcher == null) {
            return "the same spark-submit with: " + job;
        }
        String master = sparkConf().get("spark.master");
        return ShellWord.quoted(launcher) + " " + job
                + (master.equals(DEFAULT_MASTER) ? "" : " --master " + ShellWord.quoted(master));
    }

    /** @param more settings that come after all others */
    private TrainingFile trainingFile(List<String> more) {
        boolean ownFile =
                resume.isPresent() && (arguments.isEmpty() || arguments.get(0).matches("[A-Za-z0-9.]+=.*"));
        if (arguments.isEmpty() && !ownFile) {
            throw new InputException("train needs a training file, such as: starling train conf/quickstart.conf");
        }
        String file = ownFile ? ownConfiguration() : arguments.get(0);
        List<String> assignments = new ArrayList<>(ownFile ? arguments : arguments.subList(1, arguments.size()));
        resume.ifPresent(run -> assignments.add("run.directory=" + run));
        assignments.addAll(more);
        return TrainingFile.read(file, assignments, hadoop());
    }

    private String ownConfiguration() {
        String run = ensemble.isPresent()
                ? new EnsembleRuns(resume.orElseThrow(), ensemble.get()).run(1)
                : resume.orElseThrow();
        RunFiles files = RunFiles.existing(run, hadoop());
        return files.file(files.newestConfiguration()).toString();
    }
}
