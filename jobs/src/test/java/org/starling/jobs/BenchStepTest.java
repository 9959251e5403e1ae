package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.kernels.KernelProvider;

class BenchStepTest {
    private static final String PEER =
            "echo '{\"train_images_per_second\": 2, \"inference_images_per_second\": 4, \"who\": \"peer\"}'";

    @TempDir
    Path folder;

    private String model;

    @BeforeEach
    void writeModel() throws IOException {
        model = Files.writeString(
                        folder.resolve("tiny.json"),
                        """
                        {"class_name":"Sequential","config":{"name":"tiny","layers":[
                         {"class_name":"InputLayer","config":{"name":"in","batch_input_shape":[null,8,8,1],"dtype":"float32"}},
                         {"class_name":"Conv2D","config":{"name":"first","filters":6,"kernel_size":[3,3],"activation":"relu"}},
                         {"class_name":"Conv2D","config":{"name":"second","filters":5,"kernel_size":[3,3],"activation":"relu"}},
                         {"class_name":"Flatten","config":{"name":"flat"}},
                         {"class_name":"Dense","config":{"name":"out","units":3,"activation":"softmax"}}]}}
                        """)
                .toString();
    }

    private CommandLineRun bench(String... more) {
        List<String> arguments = new ArrayList<>(List.of("bench", "step", "--model", model, "--batch", "4"));
        arguments.addAll(List.of("--steps", "3", "--warmup", "1", "--threads", "2"));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static double median(JsonNode samples) {
        List<Double> values = new ArrayList<>();
        samples.forEach(value -> values.add(value.asDouble()));
        return values.stream().sorted().toList().get(1);
    }

    @Test
    void writesWhatItMeasured() throws IOException {
        String out = folder.resolve("f.json").toString();
        CommandLineRun run = bench("--out", out, "--against", PEER, "--seed=7");
        assertEquals(0, run.exitCode(), run::toString);
        assertEquals(List.of("f.json", "tiny.json"), files());

        JsonNode json = new ObjectMapper().readTree(Files.readString(folder.resolve("f.json")));
        assertEquals(KernelProvider.get().name(), json.get("kernels").asText());
        assertEquals("tiny", json.get("model").asText());
        assertEquals(2, json.get("threads").asInt());
        assertEquals(4, json.get("batch").asInt());
        assertEquals(7, json.get("seed").asInt());
        for (String text : List.of("cpu", "jdk", "os", "date", "model_file", "starling")) {
            assertFalse(json.get(text).asText().isBlank(), text);
        }
        // Of native code in this JVM; Surefire says how many.
        assertEquals(
                System.getenv("OMP_NUM_THREADS"), json.get("stock_dl4j_threads").asText());
        double before = json.get("fma_peak_before_gflops").asDouble();
        double after = json.get("fma_peak_after_gflops").asDouble();
        assertEquals(Math.max(before, after), json.get("fma_peak_gflops").asDouble());

        for (String figure : List.of(
                "train_images_per_second",
                "inference_images_per_second",
                "stock_dl4j_train_images_per_second",
                "stock_dl4j_inference_images_per_second")) {
            JsonNode spread = json.get("spread").get(figure);
            assertEquals(3, spread.get("samples").size(), figure);
            assertEquals(median(spread.get("samples")), json.get(figure).asDouble(), figure);
            assertEquals(spread.get("median").asDouble(), json.get(figure).asDouble(), figure);
            assertTrue(0 < spread.get("min").asDouble(), figure);
            assertTrue(spread.get("min").asDouble() <= spread.get("median").asDouble(), figure);
            assertTrue(spread.get("median").asDouble() <= spread.get("max").asDouble(), figure);
        }
        double first = json.at("/spread/train_images_per_second/samples/0").asDouble();
        double firstOfStock =
                json.at("/spread/stock_dl4j_train_images_per_second/samples/0").asDouble();
        assertEquals(
                first / firstOfStock,
                json.at("/ratios_to_stock_dl4j/train/samples/0").asDouble(),
                1e-4 * first);

        JsonNode peer = json.get("against").get(0);
        assertEquals(PEER, peer.get("command").asText());
        assertEquals(2, peer.get("train_images_per_second").asDouble());
        assertEquals(first / 2, peer.at("/ratios/train/samples/0").asDouble(), 1e-4 * first);
        assertEquals(3, peer.get("reports").size());
        assertEquals("peer", peer.at("/reports/2/who").asText());
    }

    /** 2 operations x 4 images x (6 x 6 outputs x 6 filters x 9 inputs), and (4 x 4 x 5 x 9 x 6). */
    @Test
    void ratesOfLayersAreOperationsOverTime() throws IOException {
        String out = folder.resolve("f.json").toString();
        CommandLineRun run = bench("--out", out, "--skip-stock");
        assertEquals(0, run.exitCode(), run::toString);
        JsonNode json = new ObjectMapper().readTree(Files.readString(folder.resolve("f.json")));
        assertRate(json, 0, "first", "forward", 2 * 4 * 1944);
        assertRate(json, 0, "first", "backward", 2 * 4 * 1944);
        assertRate(json, 1, "second", "forward", 2 * 4 * 4320);
        assertRate(json, 1, "second", "backward", 2 * 2 * 4 * 4320);
        assertFalse(json.has("stock_dl4j_train_images_per_second") || json.has("ratios_to_stock_dl4j"));
        assertTrue(run.out().stream().anyMatch(line -> line.startsWith("second ")), run::toString);
        assertFalse(run.toString().contains("stock"), run::toString);
    }

    private static void assertRate(JsonNode json, int index, String name, String pass, double operations) {
        JsonNode layer = json.get("layers").get(index);
        assertEquals(name, layer.get("name").asText());
        double gflops = layer.get(pass + "_gflops").asDouble();
        double seconds = median(layer.get(pass + "_ms_samples")) / 1e3;
        assertEquals(operations / seconds / 1e9, gflops, 1e-4 * gflops, name + " " + pass);
        assertEquals(
                gflops / json.get("fma_peak_gflops").asDouble(),
                layer.get(pass + "_fraction_of_peak").asDouble(),
                1e-4);
    }

    private void refuses(CommandLineRun run, String... expected) throws IOException {
        assertEquals(2, run.exitCode(), run::toString);
        assertEquals(1, run.err().size(), run::toString);
        for (String text : expected) {
            assertTrue(run.err().get(0).contains(text), () -> "'" + text + "' in: " + run);
        }
        assertFalse(run.toString().contains("\tat ") || run.toString().contains("Exception"), run::toString);
        assertEquals(List.of("tiny.json"), files());
    }

    @Test
    void optionsThatCannotBeUsed() throws IOException {
        refuses(
                CommandLineRun.of(
                        "bench", "step", "--model", folder.resolve("no.json").toString()),
                "no.json",
                "no such model file");
        refuses(bench("--master", "spark://h:1"), "--master spark://h:1", "this machine");
        refuses(bench("--out", folder.resolve("tiny.json").toString()), "--out", "tiny.json exists already");
        refuses(bench("--out", folder.resolve("tiny.json/f.json").toString()), "--out", "cannot be written");
    }

    @Test
    void numbersThatCannotBeUsed() throws IOException {
        for (String option : List.of("--batch", "--steps", "--threads")) {
            refuses(one(option, "0"), option + " 0", "1 or more");
        }
        refuses(one("--warmup", "-1"), "--warmup -1", "0 or more");
        refuses(one("--batch", "99999999"), "--batch 99,999,999", "a smaller one");
        CommandLineRun words = one("--batch", "many");
        assertEquals(2, words.exitCode(), words::toString);
        assertTrue(words.err().get(0).contains("--batch") && words.err().get(0).contains("many"), words::toString);
    }

    private CommandLineRun one(String option, String value) {
        return CommandLineRun.of("bench", "step", "--model", model, option, value);
    }

    @Test
    void aCommandThatFailsEndsTheBenchmarkAndLeavesNoFile() throws IOException {
        String out = folder.resolve("f.json").toString();
        refuses(bench("--skip-stock", "--out", out, "--against", "echo broken >&2; exit 1"), "--against", "'broken'");
    }

    @Test
    void benchAloneNamesItsBenchmarks() {
        CommandLineRun run = CommandLineRun.of("bench");
        assertEquals(2, run.exitCode(), run::toString);
        assertTrue(run.err().get(0).contains("step"), run::toString);
        assertTrue(CommandLineRun.of("bench", "step", "--help").toString().contains("--against"));
    }

    @Test
    void stepsOnImagesFromFilesStandBesideThoseInMemory() throws IOException {
        Path images = Files.createDirectories(folder.resolve("images"));
        for (int i = 0; i < 9; i++) {
            BufferedImage picture = new BufferedImage(12, 10, BufferedImage.TYPE_BYTE_GRAY);
            picture.setRGB(i, i, 0xFFFFFF);
            ImageIO.write(picture, "png", images.resolve(i + ".png").toFile());
        }
        Path out = folder.resolve("data.json");
        CommandLineRun run =
                bench("--skip-stock", "--data", images.toString(), "--short-side=9", "--out", out.toString());
        assertEquals(0, run.exitCode(), run::toString);
        JsonNode json = new ObjectMapper().readTree(Files.readString(out));
        JsonNode memory = json.at("/spread/train_images_per_second/samples");
        JsonNode files = json.at("/data/spread/train_images_per_second/samples");
        JsonNode ratios = json.at("/data/spread/in_memory_over_data/samples");
        assertEquals(3, ratios.size());
        for (int round = 0; round < 3; round++) {
            double ratio = files.get(round).asDouble() / memory.get(round).asDouble();
            assertEquals(ratio, ratios.get(round).asDouble(), 1e-4 * ratio);
        }
        assertEquals(median(ratios), json.get("in_memory_over_data").asDouble());
        for (String fraction : List.of("data_cpu_fraction", "decode_cpu_fraction", "wait_seconds")) {
            assertTrue(json.at("/data/" + fraction).asDouble() >= 0, fraction);
        }
        assertTrue(json.at("/data/data_cpu_fraction").asDouble() > 0);
        CommandLineRun few = bench("--data", images.toString(), "--data-images=3");
        assertTrue(few.err().get(0).contains("less than a batch of 4"), few::toString);
        Files.delete(images.resolve("8.png"));
        for (int i = 3; i < 8; i++) {
            Files.delete(images.resolve(i + ".png"));
        }
        CommandLineRun none = bench("--data", images.toString());
        assertTrue(none.err().get(0).contains("fewer than 4"), none::toString);
    }
}
