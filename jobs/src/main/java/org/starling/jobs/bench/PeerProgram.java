package org.starling.jobs.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.starling.InputException;

/**
 * Another program's benchmark of the same model.
 *
 * @param command as the shell takes it
 */
record PeerProgram(String command) {
    static final String TRAIN = "train_images_per_second";
    static final String INFERENCE = "inference_images_per_second";

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /**
     * What the program printed.
     *
     * @param train images per second
     * @param inference images per second
     * @param report the whole object
     */
    record Figures(double train, double inference, JsonNode report) {}

    /**
     * Runs it once, to its end.
     *
     * @throws InputException when it fails, or prints something else than the two figures
     */
    Figures run() {
        try {
            Path errors = Files.createTempFile("starling-against-", ".log");
            try {
                return figures(output(errors));
            } finally {
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw new InputException("%s cannot be run: %s.".formatted(shown(), e.getMessage()), e);
        }
    }

    private String output(Path errors) throws IOException {
        Process process = new ProcessBuilder("/bin/sh", "-c", command)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectError(errors.toFile())
                .start();
        // The end of this JVM alone would not be the program's.
        Thread killer = new Thread(() -> end(process), "end of " + command);
        Runtime.getRuntime().addShutdownHook(killer);
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int exitCode = exitCode(process);
        Runtime.getRuntime().removeShutdownHook(killer);
        if (exitCode != 0) {
            throw new InputException("%s ended with exit code %d%s. Run it alone to see what it needs."
                    .formatted(shown(), exitCode, lastLine(errors)));
        }
        return output;
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }

    private static int exitCode(Process process) {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            end(process);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static String lastLine(Path errors) throws IOException {
        String text = new String(Files.readAllBytes(errors), StandardCharsets.UTF_8);
        List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
        return lines.isEmpty()
                ? ""
                : " and says '" + lines.get(lines.size() - 1).strip() + "'";
    }

    private Figures figures(String output) {
        JsonNode report = parse(output);
        return new Figures(figure(report, TRAIN, output), figure(report, INFERENCE, output), report);
    }

    private JsonNode parse(String output) {
        try {
            return JSON.readTree(output);
        } catch (JsonProcessingException e) {
            throw unexpected(output);
        }
    }

    private double figure(JsonNode report, String name, String output) {
        double value = report.path(name).asDouble(Double.NaN);
        if (!report.path(name).isNumber() || !(value > 0) || Double.isInfinite(value)) {
            throw unexpected(output);
        }
        return value;
    }

    private InputException unexpected(String output) {
        String start = output.strip().replaceAll("\\s+", " ");
        return new InputException(
                "%s printed %s. Expected on standard output is one JSON object with the numbers %s and %s, both greater than 0."
                        .formatted(
                                shown(),
                                start.isEmpty()
                                        ? "nothing"
                                        : "'" + (start.length() > 80 ? start.substring(0, 80) + "..." : start) + "'",
                                TRAIN,
                                INFERENCE));
    }

    private String shown() {
        return "--against '" + command + "'";
    }
}
