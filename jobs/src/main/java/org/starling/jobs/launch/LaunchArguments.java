package org.starling.jobs.launch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.starling.InputException;

/**
 * The command line of {@code bin/starling}, split into what is the launcher's and what is the job's. The launcher's options may
 * stand anywhere.
 *
 * @param master Spark's master URL, {@code local[*]} when none is given
 * @param settings Spark settings of {@code --conf}, in order
 * @param propertiesFile Spark settings of {@code --properties-file}, in place of conf/spark-defaults.conf
 * @param job the job's name and its arguments
 */
record LaunchArguments(String master, Map<String, String> settings, Optional<String> propertiesFile, List<String> job) {
    /** Jobs that only read files, and need no Spark. */
    private static final Set<String> WITHOUT_SPARK = Set.of("help", "--version", "-V");

    /** Reads a file, or with {@link #IMAGES} a set of images. */
    private static final String DESCRIBE = "describe";

    private static final String IMAGES = "--data";

    /** Options with which any job prints something and ends. */
    private static final Set<String> PRINTING = Set.of("--help", "-h", "--help-keys", "--show-config");

    /** Submits applications of its own, which Spark's settings are for: it takes the launcher's options itself. */
    private static final List<String> SUBMITTING = List.of("bench", "averaging");

    static LaunchArguments parse(List<String> arguments) {
        String master = "local[*]";
        Map<String, String> settings = new LinkedHashMap<>();
        Optional<String> propertiesFile = Optional.empty();
        List<String> job = new ArrayList<>();
        List<String> options = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            if (!Set.of("--master", "--conf", "--properties-file").contains(name)) {
                job.add(argument);
                continue;
            }
            if (equals < 0 && i + 1 == arguments.size()) {
                throw new InputException(name + " is the last word of the command line and needs a value behind it.");
            }
            String value = equals < 0 ? arguments.get(++i) : argument.substring(equals + 1);
            options.add(name + "=" + value);
            switch (name) {
                case "--master" -> master = value;
                case "--properties-file" -> propertiesFile = Optional.of(value);
                default -> putSetting(settings, value);
            }
        }
        if (submitsApplications(job)) {
            job.addAll(options);
        }
        return new LaunchArguments(master, settings, propertiesFile, List.copyOf(job));
    }

    private static void putSetting(Map<String, String> settings, String setting) {
        int equals = setting.indexOf('=');
        if (equals < 1) {
            throw new InputException(
                    "--conf " + setting + " is not a Spark setting: expected --conf KEY=VALUE, for example"
                            + " --conf spark.executor.memory=8g.");
        }
        settings.put(setting.substring(0, equals), setting.substring(equals + 1));
    }

    private static boolean submitsApplications(List<String> job) {
        return job.size() >= 2 && job.subList(0, 2).equals(SUBMITTING);
    }

    private boolean namesImages() {
        return job.stream().anyMatch(word -> word.equals(IMAGES) || word.startsWith(IMAGES + "="));
    }

    /** True when the job runs on Spark; help and descriptions do not, nor what submits applications. */
    boolean needsSpark() {
        return !job.isEmpty()
                && !submitsApplications(job)
                && !WITHOUT_SPARK.contains(job.get(0))
                && (!job.get(0).equals(DESCRIBE) || namesImages())
                && Collections.disjoint(job, PRINTING);
    }
}
