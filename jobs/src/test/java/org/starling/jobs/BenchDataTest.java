package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchDataTest {
    @TempDir
    Path folder;

    private TinyProject project;

    @BeforeEach
    void makeProject() throws IOException {
        project = TinyProject.in(folder);
    }

    private CommandLineRun bench(String... more) {
        List<String> words = new ArrayList<>(List.of("bench", "data"));
        words.addAll(List.of(more));
        return CommandLineRun.of(words.toArray(String[]::new));
    }

    @Test
    void writesWhatItMeasured() throws IOException {
        String out = project.path("f.json");
        CommandLineRun run = bench(
                "--data",
                project.path("images"),
                "--model",
                project.path("model.json"),
                "--images=10",
                "--batch=4",
                "--rounds=3",
                "--out",
                out);
        assertEquals(0, run.exitCode(), run::toString);
        JsonNode json = new ObjectMapper().readTree(Files.readString(Path.of(out)));
        assertEquals(10, json.get("images").asInt());
        assertEquals(4, json.get("height").asInt());
        assertEquals(4, json.get("batch").asInt());
        JsonNode ratios = json.at("/spread/pipeline_over_imageio/samples");
        assertEquals(3, ratios.size());
        for (int round = 0; round < 3; round++) {
            double pipeline = json.at("/spread/pipeline_images_per_second/samples")
                    .get(round)
                    .asDouble();
            double imageio = json.at("/spread/imageio_images_per_second/samples")
                    .get(round)
                    .asDouble();
            assertTrue(pipeline > 0, run::toString);
            assertEquals(imageio / pipeline, ratios.get(round).asDouble(), 1e-4 * imageio / pipeline);
        }
        // The program reads JPEG alone, and these are PNG.
        assertFalse(json.has("djpeg_images_per_second"));
        assertTrue(run.out().stream().anyMatch(line -> line.startsWith("pipeline over imageio")), run::toString);
    }

    @Test
    void whatCannotBeMeasuredIsRefused() throws IOException {
        for (String option : List.of("--images=0", "--batch=0", "--rounds=0")) {
            CommandLineRun run = bench("--data", project.path("images"), option);
            assertEquals(2, run.exitCode(), run::toString);
            assertTrue(run.err().get(0).contains(option.replace('=', ' ')), run::toString);
        }
        Files.writeString(folder.resolve("images/dark/0.png"), "no picture");
        CommandLineRun bad = bench("--data", project.path("images"));
        assertEquals(2, bad.exitCode(), bad::toString);
        assertFalse(bad.toString().contains("\tat "), bad::toString);
        CommandLineRun none = bench("--data", project.path("nowhere"));
        assertEquals(2, none.exitCode(), none::toString);
        assertTrue(none.err().get(0).contains("does not exist"), none::toString);
    }
}
