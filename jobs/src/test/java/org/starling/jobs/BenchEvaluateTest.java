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

class BenchEvaluateTest {
    @TempDir
    Path folder;

    private TinyProject project;

    @BeforeEach
    void makeProject() throws IOException {
        project = TinyProject.in(folder);
    }

    private CommandLineRun bench(String... more) {
        List<String> words = new ArrayList<>(List.of("bench", "evaluate", "--model", project.path("model.json")));
        words.addAll(List.of(more));
        return CommandLineRun.of(words.toArray(String[]::new));
    }

    @Test
    void writesWhatItMeasured() throws IOException {
        for (List<String> data : List.of(List.<String>of(), List.of("--data", project.path("images")))) {
            String out = project.path(data.size() + ".json");
            List<String> words = new ArrayList<>(data);
            words.addAll(List.of("--images=50", "--batch=8", "--tasks=3", "--rounds=3", "--warmup=1", "--out", out));
            CommandLineRun run = bench(words.toArray(String[]::new));
            assertEquals(0, run.exitCode(), run::toString);
            JsonNode json = new ObjectMapper().readTree(Files.readString(Path.of(out)));
            assertEquals(50, json.get("images").asInt());
            assertEquals(!data.isEmpty(), json.has("data"));
            JsonNode ratios = json.at("/spread/evaluate_over_inference/samples");
            assertEquals(3, ratios.size());
            for (int round = 0; round < 3; round++) {
                double whole = json.at("/spread/evaluate_images_per_second/samples")
                        .get(round)
                        .asDouble();
                double alone = json.at("/spread/inference_images_per_second/samples")
                        .get(round)
                        .asDouble();
                assertTrue(whole > 0 && alone > 0, run::toString);
                assertEquals(whole / alone, ratios.get(round).asDouble(), 1e-4 * whole / alone);
            }
        }
    }

    @Test
    void whatCannotBeMeasuredIsRefused() {
        for (String option : List.of("--images=0", "--batch=0", "--rounds=0", "--tasks=0", "--warmup=-1")) {
            CommandLineRun run = bench(option);
            assertEquals(2, run.exitCode(), run::toString);
            assertTrue(run.err().get(0).contains(option.replace('=', ' ')), run::toString);
        }
        CommandLineRun remote = bench("--master", "spark://nowhere:7077");
        assertEquals(2, remote.exitCode(), remote::toString);
        assertTrue(remote.err().get(0).contains("local[*]"), remote::toString);
        assertFalse(remote.toString().contains("\tat "), remote::toString);
    }
}
