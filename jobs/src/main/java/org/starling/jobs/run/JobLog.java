package org.starling.jobs.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Set;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.Appender;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.ConsoleAppender;
import org.apache.logging.log4j.core.appender.FileAppender;
import org.apache.logging.log4j.core.config.Configuration;
import org.apache.logging.log4j.core.config.DefaultConfiguration;
import org.apache.logging.log4j.core.layout.PatternLayout;

/**
 * Where Spark's chatter and the stack traces of a job go: a temporary file of its own, and once the job has a run directory, the
 * file there. The terminal gets none of it. In a container of YARN, whose temporary files nobody can read afterwards, the file is
 * beside the container's other logs.
 */
public final class JobLog implements AutoCloseable {
    private static final String APPENDER = "starling-job";
    /** Those of an earlier job in this JVM, and of conf/log4j2.properties. */
    private static final Set<String> OTHERS = Set.of(APPENDER, "file");

    /** Set by Spark for the JVMs of its containers. */
    private static final String CONTAINER_LOGS = "spark.yarn.app.container.log.dir";

    /** A name with escape sequences does nothing to a terminal that shows the log. */
    private static final String PATTERN =
            "%d{yyyy-MM-dd HH:mm:ss.SSS} %-5p %t %c{1.}: %replace{%m%n%throwable}{[\\x00-\\x08\\x0B-\\x1F\\x7F-\\x9F]}{?}";

    private final LoggerContext context;
    private Path file;
    private boolean temporary;
    private boolean kept;

    private JobLog(LoggerContext context, Path file, boolean temporary) {
        this.context = context;
        this.file = file;
        this.temporary = temporary;
    }

    /** Takes the console away from all loggers and starts a file. Appenders to files of the user's own stay. */
    public static JobLog start() {
        try {
            String container = System.getProperty(CONTAINER_LOGS);
            Path file =
                    container == null ? Files.createTempFile("starling-", ".log") : Path.of(container, "starling.log");
            LoggerContext context = (LoggerContext) LogManager.getContext(false);
            Configuration configuration = context.getConfiguration();
            for (Appender appender :
                    new ArrayList<>(configuration.getRootLogger().getAppenders().values())) {
                if (appender instanceof ConsoleAppender || OTHERS.contains(appender.getName())) {
                    configuration.getRootLogger().removeAppender(appender.getName());
                }
            }
            if (configuration instanceof DefaultConfiguration) {
                configuration.getRootLogger().setLevel(Level.INFO);
            }
            JobLog log = new JobLog(context, file, container == null);
            log.append(file);
            return log;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void append(Path target) {
        Configuration configuration = context.getConfiguration();
        FileAppender appender = FileAppender.newBuilder()
                .setName(APPENDER)
                .withFileName(target.toString())
                .withAppend(true)
                .setLayout(PatternLayout.newBuilder()
                        .withPattern(PATTERN)
                        .withConfiguration(configuration)
                        .build())
                .setConfiguration(configuration)
                .build();
        appender.start();
        Appender former = configuration.getRootLogger().getAppenders().get(APPENDER);
        configuration.getRootLogger().removeAppender(APPENDER);
        configuration.getRootLogger().addAppender(appender, null, null);
        context.updateLoggers();
        if (former != null) {
            former.stop();
        }
    }

    /** The file that is written at the moment. */
    public Path file() {
        return file;
    }

    /** Continues in another local file, with what was logged so far at its end. */
    public void continueIn(Path target) throws IOException {
        byte[] soFar = Files.readAllBytes(file);
        Files.write(target, soFar, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        append(target);
        Files.deleteIfExists(file);
        file = target;
        temporary = false;
    }

    /** Keeps the temporary file, because a message to the user names it. */
    public void keep() {
        kept = true;
    }

    /** Removes the temporary file unless somebody needs it. */
    @Override
    public void close() {
        Appender appender =
                context.getConfiguration().getRootLogger().getAppenders().get(APPENDER);
        context.getConfiguration().getRootLogger().removeAppender(APPENDER);
        context.updateLoggers();
        if (appender != null) {
            appender.stop();
        }
        try {
            if (temporary && !kept) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            // A file that stays in the temporary folder harms nobody.
        }
    }
}
