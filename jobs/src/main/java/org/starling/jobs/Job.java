package org.starling.jobs;

import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.starling.InputException;
import org.starling.jobs.configuration.QualifiedPath;
import org.starling.jobs.run.JobLog;
import picocli.CommandLine.Option;

/** What all jobs share. A job's own text goes to standard output; errors are thrown. */
abstract class Job implements Callable<Integer> {
    /**
     * @param out what the job prints to
     * @param log where its log is
     * @param interruption by which it learns that it is to stop
     */
    record Environment(PrintStream out, JobLog log, Interruption interruption) {}

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    private boolean help;

    /** Spark's master unless one is given. */
    static final String DEFAULT_MASTER = "local[*]";

    @Option(
            names = "--master",
            paramLabel = "URL",
            description = "Spark's master: local[*] (the default), local[N], spark://HOST:PORT, yarn, k8s://URL.")
    private Optional<String> master = Optional.empty();

    private final Environment environment;

    Job(Environment environment) {
        this.environment = environment;
    }

    Environment environment() {
        return environment;
    }

    PrintStream out() {
        return environment.out();
    }

    /** {@code --master}, where this command line has it: spark-submit and the launcher take theirs out. */
    Optional<String> master() {
        return master;
    }

    /** Spark's settings, from spark-submit or the launcher where they gave any. */
    SparkConf sparkConf() {
        SparkConf conf = new SparkConf();
        master.ifPresent(conf::setMaster);
        return conf.setIfMissing("spark.master", DEFAULT_MASTER).setIfMissing("spark.ui.showConsoleProgress", "false");
    }

    /** Hadoop's settings, {@code spark.hadoop.*} included, without a running Spark. */
    Configuration hadoop() {
        return SparkHadoopUtil.get().newConfiguration(new SparkConf());
    }

    /** A path of the command line with scheme and authority. */
    String qualified(String option, String path) {
        return QualifiedPath.of(path, option, hadoop());
    }

    List<String> qualified(String option, List<String> paths) {
        return paths.stream().map(path -> qualified(option, path)).toList();
    }

    /** @throws InputException for numbers below 1 */
    static int positive(String option, int value) {
        return atLeast(1, option, value);
    }

    /** @throws InputException for numbers below {@code least} */
    static int atLeast(int least, String option, int value) {
        if (value < least) {
            throw new InputException(
                    "%s %d cannot be used; expected is a whole number, %d or more.".formatted(option, value, least));
        }
        return value;
    }

    JavaSparkContext spark(String name) {
        return new JavaSparkContext(sparkConf().setAppName(name));
    }
}
