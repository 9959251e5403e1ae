package org.starling.jobs;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What a command line in this JVM did.
 *
 * @param out lines of standard output
 * @param err lines of standard error
 */
record CommandLineRun(int exitCode, List<String> out, List<String> err) {
    /** As {@code main} runs it, with quiet Spark settings. */
    static CommandLineRun of(String... arguments) {
        System.setProperty("spark.ui.enabled", "false");
        System.setProperty("spark.driver.host", "127.0.0.1");
        System.setProperty("spark.driver.bindAddress", "127.0.0.1");
        System.setProperty("spark.master", "local[2]");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream systemOut = System.out;
        PrintStream systemErr = System.err;
        try (PrintStream outStream = new PrintStream(out, true, StandardCharsets.UTF_8);
                PrintStream errStream = new PrintStream(err, true, StandardCharsets.UTF_8)) {
            // Whatever writes past the job is caught too.
            System.setOut(outStream);
            System.setErr(errStream);
            int exitCode = Starling.run(arguments, outStream, errStream, new Interruption());
            return new CommandLineRun(exitCode, lines(out), lines(err));
        } finally {
            System.setOut(systemOut);
            System.setErr(systemErr);
        }
    }

    private static List<String> lines(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Override
    public String toString() {
        return "exit code " + exitCode + "\n" + String.join("\n", out) + "\n" + String.join("\n", err);
    }
}
