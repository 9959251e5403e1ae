package org.starling.jobs.bench.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A process with its output in files. It ends with this JVM or when it is closed, and so do the processes that it started. */
public final class ForkedProcess implements AutoCloseable {
    /**
     * @param exitCode its exit code
     * @param out standard output
     * @param err standard error
     */
    public record Result(int exitCode, String out, String err) {
        @Override
        public String toString() {
            return "exit code " + exitCode + "\n--- standard output\n" + out + "\n--- standard error\n" + err;
        }
    }

    private final Process process;
    private final Path out;
    private final Path err;
    private final Thread ending = new Thread(this::endWithThisJvm, "end of a process");
    private boolean jvmEnds;

    private ForkedProcess(ProcessBuilder builder, Path out, Path err) throws IOException {
        this.out = out;
        this.err = err;
        // The end of this JVM alone would not be the process's. Before it starts: a JVM that ends meanwhile would leave
        // it.
        Runtime.getRuntime().addShutdownHook(ending);
        synchronized (this) {
            if (jvmEnds) {
                throw new IllegalStateException("this JVM is ending, " + out + " is not started any more");
            }
            process = builder.start();
        }
    }

    /**
     * @param directory its working directory
     * @param logs folder for its output
     * @param name of the files there
     * @param environment added to this process's; null removes a variable
     */
    public static ForkedProcess start(
            Path directory, Path logs, String name, Map<String, String> environment, List<String> command)
            throws IOException {
        Files.createDirectories(logs);
        Path out = logs.resolve(name + ".out");
        Path err = logs.resolve(name + ".err");
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .directory(directory.toFile());
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        builder.environment().putAll(environment);
        return new ForkedProcess(builder, out, err);
    }

    /** The JVM of this one's Java home. */
    public static List<String> java(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(options));
        return command;
    }

    /** Waits until the error output shows a line, and returns the pattern's first group. */
    String awaitLine(Pattern line, Duration limit) throws IOException, InterruptedException {
        return awaitLine(err, line, limit);
    }

    /** As {@link #awaitLine}, of standard output. */
    public String awaitOutput(Pattern line, Duration limit) throws IOException, InterruptedException {
        return awaitLine(out, line, limit);
    }

    private String awaitLine(Path file, Pattern line, Duration limit) throws IOException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            Matcher found = line.matcher(Files.readString(file));
            if (found.find()) {
                return found.group(1);
            }
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new IllegalStateException("No line " + line + " in " + file + ":\n" + Files.readString(file));
            }
            Thread.sleep(100);
        }
    }

    /** Waits for the end of the process. */
    public Result await(Duration limit) throws IOException, InterruptedException {
        boolean ended = process.waitFor(limit.toSeconds(), TimeUnit.SECONDS);
        if (!ended) {
            close();
        }
        Result result = new Result(ended ? process.exitValue() : -1, Files.readString(out), Files.readString(err));
        if (!ended) {
            throw new IllegalStateException("Not over after " + limit + ": " + result);
        }
        return result;
    }

    /** The process itself, to stop it in the ways a test is about. */
    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** Sends signals by name, in order. */
    public void kill(String... signals) throws IOException, InterruptedException {
        for (String signal : signals) {
            new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid()))
                    .start()
                    .waitFor();
        }
    }

    @Override
    public void close() {
        end();
        try {
            Runtime.getRuntime().removeShutdownHook(ending);
        } catch (IllegalStateException e) {
            // This JVM is ending, and the thread is running.
        }
    }

    private synchronized void endWithThisJvm() {
        jvmEnds = true;
        if (process != null) {
            end();
        }
    }

    /** Asks the process to end, waits, and ends it and what it started by force. */
    private void end() {
        List<ProcessHandle> family = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        process.destroy();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        family.forEach(ProcessHandle::destroyForcibly);
    }
}
