package org.starling.jobs;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkUserAppException;
import org.slf4j.LoggerFactory;
import org.starling.PrintableText;
import org.starling.Version;
import org.starling.jobs.launch.SupportedVersions;
import org.starling.jobs.run.JobLog;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** The entry point of every job. */
@Command(
        name = "starling",
        description = "Trains image classifiers on Apache Spark, evaluates them and predicts with them.",
        footerHeading = "%nExit codes: ",
        footer = "0 done, 1 internal error, 2 input that cannot be used, 3 training diverged, 130 or 143 interrupted.")
public final class Starling {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Show Starling's version.")
    private boolean version;

    private Starling() {}

    /**
     * Runs a job and ends the JVM with its exit code.
     *
     * @throws SparkUserAppException with the exit code of a job that failed in YARN's application master, which ends its JVM itself
     */
    public static void main(String[] args) throws SparkUserAppException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        Interruption interruption = new Interruption();
        interruption.watch(err);
        int exitCode = run(args, out, err, interruption);
        interruption.finish();
        out.flush();
        end(exitCode);
    }

    /** The application master calls a driver that ends its JVM a failure, even with exit code 0. */
    private static void end(int exitCode) throws SparkUserAppException {
        SparkConf conf = new SparkConf();
        boolean inApplicationMaster = conf.get("spark.master", "").equals("yarn")
                && conf.get("spark.submit.deployMode", "client").equals("cluster");
        if (!inApplicationMaster) {
            System.exit(exitCode);
        }
        if (exitCode != ExitCode.OK) {
            throw new SparkUserAppException(exitCode);
        }
    }

    /** Runs a job in this JVM, which goes on afterwards. */
    static int run(String[] args, PrintStream out, PrintStream err, Interruption interruption) {
        try (JobLog log = JobLog.start()) {
            Job.Environment environment = new Job.Environment(out, log, interruption);
            try {
                SupportedVersions.check();
                return commandLine(environment, err).execute(args.length == 0 ? new String[] {"--help"} : args);
            } catch (Throwable t) {
                return failed(t, environment, err);
            }
        }
    }

    private static CommandLine commandLine(Job.Environment environment, PrintStream err) {
        CommandLine commands = new CommandLine(new Starling());
        commands.getCommandSpec().version("starling " + Version.current());
        List.of(
                        new TrainCommand(environment),
                        new EvaluateCommand(environment),
                        new PredictCommand(environment),
                        new PrepareCommand(environment),
                        new DescribeCommand(environment),
                        new DoctorCommand(environment),
                        new ExportCommand(environment),
                        new CommandLine(new BenchCommand())
                                .addSubcommand(new BenchStepCommand(environment))
                                .addSubcommand(new BenchDataCommand(environment))
                                .addSubcommand(new BenchEvaluateCommand(environment))
                                .addSubcommand(new BenchAveragingCommand(environment))
                                .addSubcommand(new BenchAveragingRoundsCommand(environment)))
                .forEach(commands::addSubcommand);
        commands.setOut(new PrintWriter(environment.out(), true, StandardCharsets.UTF_8));
        commands.setErr(new PrintWriter(err, true, StandardCharsets.UTF_8));
        commands.setCaseInsensitiveEnumValuesAllowed(true);
        commands.setParameterExceptionHandler((exception, arguments) -> usageError(exception));
        commands.setExecutionExceptionHandler((exception, line, result) -> failed(exception, environment, err));
        return commands;
    }

    private static int failed(Throwable thrown, Job.Environment environment, PrintStream err) {
        LoggerFactory.getLogger(Starling.class).error("The job failed", thrown);
        Failure failure = Failure.of(thrown, environment.log());
        if (!Interruption.inProgress()) {
            err.println("error: " + failure.message());
        }
        return failure.exitCode();
    }

    private static int usageError(ParameterException exception) {
        CommandLine commands = exception.getCommandLine();
        PrintWriter err = commands.getErr();
        err.println("error: " + PrintableText.line(exception.getMessage()));
        if (!UnmatchedArgumentException.printSuggestions(exception, err)) {
            err.println("'%s --help' shows what is expected."
                    .formatted(commands.getCommandSpec().qualifiedName()));
        }
        err.flush();
        return ExitCode.INPUT;
    }
}
