package org.starling.jobs;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.starling.InputException;
import org.starling.jobs.configuration.Redaction;
import org.starling.jobs.configuration.TrainingFile;
import org.starling.jobs.launch.GivenMemory;
import org.starling.jobs.run.RunFiles;
import org.starling.model.SequentialModel;
import org.starling.training.Diagnosis;
import org.starling.training.Finding;
import org.starling.training.Finding.Level;
import org.starling.training.TrainingConfiguration;
import org.starling.training.TrainingConfiguration.Kernels;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code starling doctor [CONF] [key=value ...]}. */
@Command(
        name = "doctor",
        description =
                "Looks whether machines, and a training on them, can work, before hours are spent. It leaves nothing behind.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  starling doctor --master spark://host:7077",
            "  starling doctor conf/quickstart.conf run.directory=runs/next --master 'local-cluster[2,1,1024]'"
        })
final class DoctorCommand extends Job {
    private static final int WAIT_SECONDS = 60;

    @Parameters(
            paramLabel = "CONF [key=value ...]",
            arity = "0..*",
            description =
                    "A training file and settings that win over it, as train takes them. Without one only the machines are looked at.")
    private List<String> arguments = new ArrayList<>();

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            description = "For executors to register (default: run.waitSeconds, or " + WAIT_SECONDS + " without CONF).")
    private Optional<Integer> wait = Optional.empty();

    private final Map<Level, Integer> counts = new EnumMap<>(Level.class);

    DoctorCommand(Environment environment) {
        super(environment);
    }

    /** What a training file says; whatever is wrong with it is found before Spark starts. */
    private record Training(TrainingConfiguration configuration, SequentialModel model) {}

    @Override
    public Integer call() {
        wait.ifPresent(seconds -> positive("--wait", seconds));
        Optional<Training> training = arguments.isEmpty() ? Optional.empty() : training();
        training.ifPresent(t -> {
            look(
                    "memory",
                    () -> GivenMemory.check(
                            sparkConf(), t.model(), t.configuration().training()));
            look(
                    "run",
                    () -> RunFiles.fresh(t.configuration().run().directory(), hadoop())
                                    .shown() + " is free");
        });
        Optional<JavaSparkContext> started = start();
        if (started.isPresent()) {
            try (JavaSparkContext spark = started.get()) {
                examine(spark, training);
            }
        }
        int problems = counts.getOrDefault(Level.PROBLEM, 0);
        int warnings = counts.getOrDefault(Level.WARNING, 0);
        out().println(count(problems, "problem") + ", " + count(warnings, "warning"));
        return problems == 0 ? ExitCode.OK : ExitCode.INPUT;
    }

    /** Empty when Spark does not start, which is a finding. */
    private Optional<JavaSparkContext> start() {
        try {
            return Optional.of(spark("starling doctor"));
        } catch (Exception e) {
            String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            tell(Finding.problem(
                    "spark",
                    "it does not start at %s: %s".formatted(sparkConf().get("spark.master"), why),
                    "Check --master and the settings of spark.driver and spark.executor."));
            return Optional.empty();
        }
    }

    private void examine(JavaSparkContext spark, Optional<Training> training) {
        Diagnosis diagnosis = new Diagnosis(spark, this::tell);
        Kernels kernels = training.map(t -> t.configuration().model().kernels()).orElse(Kernels.STARLING);
        int seconds = wait.orElseGet(
                () -> training.map(t -> t.configuration().run().waitSeconds()).orElse(WAIT_SECONDS));
        boolean machines = diagnosis.machines(kernels, seconds);
        if (machines && training.isPresent()) {
            Training t = training.get();
            diagnosis.training(
                    t.configuration(),
                    t.model(),
                    GivenMemory.shuffleBytes(
                            spark.getConf(), t.model(), t.configuration().training()));
        }
    }

    private Optional<Training> training() {
        try {
            TrainingConfiguration configuration = TrainingFile.read(
                            arguments.get(0), arguments.subList(1, arguments.size()), hadoop())
                    .configuration();
            SequentialModel model = SequentialModel.read(
                    new Path(configuration.model().file()),
                    hadoop(),
                    configuration.model().options());
            tell(Finding.ok(
                    "settings",
                    "%s, network %s with %,d parameters"
                            .formatted(arguments.get(0), model.name(), model.parameterCount())));
            return Optional.of(new Training(configuration, model));
        } catch (InputException e) {
            tell(Finding.problem("settings", e.getMessage(), ""));
            return Optional.empty();
        }
    }

    private void look(String subject, Supplier<String> check) {
        try {
            tell(Finding.ok(subject, check.get()));
        } catch (InputException e) {
            tell(Finding.problem(subject, e.getMessage(), ""));
        }
    }

    private void tell(Finding finding) {
        counts.merge(finding.level(), 1, Integer::sum);
        out().println(Redaction.ofText(finding.line()));
    }

    private static String count(int number, String thing) {
        return number == 0 ? "no " + thing + "s" : number + " " + thing + (number == 1 ? "" : "s");
    }
}
