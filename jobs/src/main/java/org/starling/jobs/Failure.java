package org.starling.jobs;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.starling.InputException;
import org.starling.PrintableText;
import org.starling.jobs.configuration.Redaction;
import org.starling.jobs.run.JobLog;
import org.starling.training.DivergedException;

/**
 * What a user is told about a job that failed.
 *
 * @param exitCode {@link ExitCode}
 * @param message one paragraph
 */
record Failure(int exitCode, String message) {
    private static final int LONGEST_MESSAGE = 10_000;
    private static final int LONGEST_LINE = 300;

    /** Thrown here, or by a task and quoted in Spark's exception. */
    private static final Pattern OUT_OF_MEMORY = Pattern.compile("java\\.lang\\.OutOfMemoryError(?:: (.*))?");

    /** Finds the cause that the user can act on; it may have come from a task through Spark. */
    static Failure of(Throwable thrown, JobLog log) {
        Optional<InputException> input = InputException.within(thrown);
        if (input.isPresent()) {
            String message = oneParagraph(input.get().getMessage());
            if (!isDisturbance(input.get().getCause())) {
                return new Failure(ExitCode.INPUT, message);
            }
            log.keep();
            return new Failure(ExitCode.INPUT, message + " The log has the details: " + log.file());
        }
        if (thrown instanceof DivergedException) {
            return new Failure(ExitCode.DIVERGED, oneParagraph(thrown.getMessage()));
        }
        log.keep();
        Matcher outOfMemory = OUT_OF_MEMORY.matcher(thrown.toString());
        if (outOfMemory.find()) {
            return new Failure(
                    ExitCode.INTERNAL,
                    ("memory ran out (%s). Give the job more memory (spark.driver.memory in local mode,"
                                    + " spark.executor.memory on a cluster), or take a smaller batch. The log is %s.")
                            .formatted(firstLine(outOfMemory.group(1)), log.file()));
        }
        String what = thrown.getClass().getSimpleName()
                + Optional.ofNullable(thrown.getMessage())
                        .map(m -> ": " + firstLine(m))
                        .orElse("");
        return new Failure(
                ExitCode.INTERNAL,
                "Starling failed in a way that it does not know (%s). The log has the details: %s"
                        .formatted(what, log.file()));
    }

    /** A file system that fails needs its trace; a file that is not there does not. */
    private static boolean isDisturbance(Throwable cause) {
        return cause instanceof IOException
                && !(cause instanceof FileNotFoundException)
                && !(cause instanceof NoSuchFileException)
                && !(cause instanceof JsonProcessingException);
    }

    private static String oneParagraph(String text) {
        String cut = text.length() > LONGEST_MESSAGE ? text.substring(0, LONGEST_MESSAGE) + "..." : text;
        return PrintableText.line(Redaction.ofText(cut.strip().replaceAll("\\s*\\R\\s*", " ")));
    }

    private static String firstLine(String text) {
        String line = text == null ? "" : text.strip().lines().findFirst().orElse("");
        return PrintableText.excerpt(Redaction.ofText(line), LONGEST_LINE);
    }
}
