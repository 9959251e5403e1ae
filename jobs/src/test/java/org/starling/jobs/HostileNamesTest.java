package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.CsvText;

/** Classes and images with names that are HTML, formulas, escape sequences or several lines: everything that Starling writes is well formed. */
class HostileNamesTest {
    /** Folder names: any character but a slash and NUL. A colon is none of Hadoop's. */
    private static final List<String> CLASSES = List.of(
            "<script>alert(1)<",
            "=HYPERLINK(\"x\";\"y\")",
            "@SUM(A1), \"quoted\"",
            "-2+3",
            "+1\tb\u001b[2J\u202egpj",
            "two\nerror lines\r",
            "'=apostrophe",
            "\t=tab",
            " spaced ",
            "猫 & <b title='x'>");

    private static final String IMAGE = "=1+1 <img src=x onerror=alert(1)>,\"\n\u001b[31m\u202e";

    @TempDir
    static Path folder;

    private static TinyProject project;
    private static final List<CommandLineRun> RUNS = new ArrayList<>();

    @BeforeAll
    static void runEverything() throws IOException {
        project = TinyProject.in(folder);
        for (int c = 0; c < CLASSES.size(); c++) {
            for (int i = 0; i < 4; i++) {
                project.image("named/" + CLASSES.get(c) + "/" + i + IMAGE + ".png", 20 * c + i);
            }
        }
        Files.write(folder.resolve("named/" + CLASSES.get(0) + "/" + IMAGE + "bad.png"), new byte[] {1, 2, 3});
        project.model("ten.json", "Dense", CLASSES.size());
        run(
                "train",
                project.path("a.conf"),
                "data.train=" + project.path("named"),
                "data.badImageLimit=1",
                "model.file=" + project.path("ten.json"),
                "run.directory=" + project.path("run"));
        for (String format : List.of("csv", "json", "parquet")) {
            run(
                    "evaluate",
                    "--model",
                    project.path("run"),
                    "--data",
                    project.path("named"),
                    "--predictions=" + format,
                    "--tasks=4",
                    "--out",
                    project.path("evaluation-" + format));
        }
        run(
                "predict",
                "--model",
                project.path("run"),
                "--input",
                project.path("named"),
                "--top=3",
                "--tasks=4",
                "--out",
                project.path("answers"));
        run("describe", "--data", project.path("named"), "--page", project.path("page.html"));
        run("prepare", "--data", project.path("named"), "--out", project.path("prepared"), "--bad-image-limit=0.5");
        run("export", "--model", project.path("run"), "--out", project.path("model.onnx"));
        run("export", "--model", project.path("run"), "--out", project.path("model.safetensors"));
    }

    private static void run(String... arguments) {
        CommandLineRun run = CommandLineRun.of(arguments);
        assertEquals(0, run.exitCode(), run::toString);
        RUNS.add(run);
    }

    @Test
    void theTerminalGetsNoOrdersAndNoLinesOfANames() {
        for (CommandLineRun run : RUNS) {
            for (String line : run.out()) {
                assertTrue(
                        line.codePoints().noneMatch(c -> Character.isISOControl(c) || c == 0x202e),
                        () -> "'" + line + "'");
                assertFalse(line.startsWith("error"), line);
            }
            assertEquals(List.of(), run.err());
        }
        assertTrue(RUNS.get(1).toString().contains("two\\nerror lines\\r"), RUNS.get(1)::toString);
    }

    @Test
    void noPageHasATagOfANames() throws IOException {
        for (String page :
                List.of("run/report.html", "evaluation-csv/evaluation.html", "page.html", "prepared/overview.html")) {
            String html = Files.readString(folder.resolve(page));
            for (String tag : List.of("<script>alert", "<img src=x", "<b title", "\u001b", "\u202e")) {
                assertFalse(html.contains(tag), page + " holds " + tag);
            }
            assertTrue(html.contains("&lt;script&gt;alert(1)&lt;"), page);
            assertTrue(html.contains("猫 &amp; &lt;b title=&#39;x&#39;&gt;"), page);
        }
    }

    @Test
    void everyJsonHasTheNamesAsTheyAre() throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        Set<String> names = new TreeSet<>(CLASSES);
        Set<String> labels = new TreeSet<>();
        mapper.readTree(folder.resolve("run/model.json").toFile()).get("labels").forEach(l -> labels.add(l.asText()));
        assertEquals(names, labels);
        Set<String> evaluated = new TreeSet<>();
        JsonNode evaluation =
                mapper.readTree(folder.resolve("evaluation-csv/evaluation.json").toFile());
        evaluation.get("classes").forEach(c -> evaluated.add(c.get("class").asText()));
        assertEquals(names, evaluated);
        for (String line : Files.readAllLines(folder.resolve("run/metrics.jsonl"))) {
            assertTrue(mapper.readTree(line).isObject(), line);
        }
        int lines = 0;
        Set<String> actual = new TreeSet<>();
        for (Path part : parts("evaluation-json/predictions")) {
            for (String line : Files.readAllLines(part)) {
                actual.add(mapper.readTree(line).get("actual").asText());
                lines++;
            }
        }
        assertEquals(41, lines);
        assertEquals(names, actual);
        List<String> quarantine = Files.readAllLines(folder.resolve("prepared/quarantine.jsonl"));
        assertEquals(1, quarantine.size());
        assertTrue(mapper.readTree(quarantine.get(0)).get("path").asText().endsWith(IMAGE + "bad.png"));
    }

    @Test
    void noCellOfATableIsAFormulaAndEveryNameIsFoundAgain() throws IOException {
        Set<String> actual = new TreeSet<>();
        Set<String> paths = new TreeSet<>();
        for (Path part : parts("evaluation-csv/predictions")) {
            List<List<String>> rows = csv(Files.readString(part));
            int label = rows.get(0).indexOf("actual");
            for (List<String> row : rows.subList(1, rows.size())) {
                assertEquals(rows.get(0).size(), row.size(), row::toString);
                actual.add(CsvText.value(row.get(label)));
                paths.add(CsvText.value(row.get(0)));
            }
        }
        assertEquals(new TreeSet<>(CLASSES), actual);
        assertEquals(41, paths.size());
        int answers = 0;
        for (Path part : parts("answers")) {
            List<List<String>> rows = csv(Files.readString(part));
            answers += rows.size() - 1;
            rows.subList(1, rows.size()).forEach(row -> assertEquals(8, row.size(), row::toString));
        }
        assertEquals(41, answers);
        List<List<String>> bad = csv(Files.readString(folder.resolve("run/bad-images.csv")));
        assertEquals(2, bad.size());
        String name = CsvText.value(bad.get(1).get(0));
        assertTrue(name.endsWith("/named/" + CLASSES.get(0) + "/" + IMAGE + "bad.png"), name);
    }

    private static List<Path> parts(String table) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(table))) {
            return files.filter(file -> file.getFileName().toString().startsWith("part-"))
                    .filter(file -> file.toFile().length() > 0)
                    .toList();
        }
    }

    /** By RFC 4180; no cell but a number may begin like a formula. */
    private static List<List<String>> csv(String text) {
        List<List<String>> rows = new ArrayList<>();
        List<String> row = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
                cell.append(text.charAt(i++));
            } else if (c == '"') {
                quoted = !quoted;
            } else if (quoted || c != ',' && c != '\n' && c != '\r') {
                cell.append(c);
            } else if (c != '\r') {
                row.add(cell.toString());
                cell.setLength(0);
                if (c == '\n') {
                    rows.add(row);
                    row = new ArrayList<>();
                }
            }
        }
        assertFalse(quoted, "a quote is not closed");
        for (List<String> cells : rows) {
            for (String value : cells) {
                boolean number = value.matches("-?[0-9.]+(E-?[0-9]+)?");
                assertTrue(number || !value.matches("(?s)[=+\\-@\\t\\r\\n].*"), () -> "a formula: " + value);
            }
        }
        return rows;
    }

    @Test
    void theLogAndTheOtherFilesObeyNoName() throws IOException {
        assertFalse(Files.readString(folder.resolve("run/starling.log")).contains("\u001b"));
        byte[] safetensors = Files.readAllBytes(folder.resolve("model.safetensors"));
        int length = (safetensors[0] & 0xff) | (safetensors[1] & 0xff) << 8 | (safetensors[2] & 0xff) << 16;
        String header = new String(safetensors, 8, length, StandardCharsets.UTF_8);
        JsonNode labels = new ObjectMapper()
                .readTree(new ObjectMapper()
                        .readTree(header)
                        .at("/__metadata__/labels")
                        .asText());
        Set<String> exported = new TreeSet<>();
        labels.forEach(label -> exported.add(label.asText()));
        assertEquals(new TreeSet<>(CLASSES), exported);
        try (Stream<Path> events = Files.list(folder.resolve("run"))) {
            Path file = events.filter(f -> f.getFileName().toString().startsWith("events.out"))
                    .findFirst()
                    .orElseThrow();
            String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
            assertFalse(Arrays.asList("<script>", "HYPERLINK").stream().anyMatch(bytes::contains));
        }
    }
}
