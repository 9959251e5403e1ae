package org.starling.jobs.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.data.BadImage;
import org.starling.evaluation.Classifier;
import org.starling.evaluation.Evaluation;
import org.starling.evaluation.EvaluationResult;
import org.starling.evaluation.MemberResult;
import org.starling.evaluation.Mistake;
import org.starling.evaluation.Score;
import org.starling.jobs.run.FakeRun;
import org.starling.jobs.run.RunFiles;

/** Pages in Chromium, on a wide screen and on a telephone's: what it complains of, and whether everything can be read. */
class BrowserIT {
    private static final List<String> NAMES = List.of("chromium", "chromium-browser", "google-chrome");

    /** Text that is smaller cannot be read. */
    private static final double LEAST_FONT = 11;

    @TempDir
    Path folder;

    private static Optional<String> browser() {
        return NAMES.stream()
                .flatMap(name -> Stream.of(System.getenv("PATH").split(":")).map(path -> Path.of(path, name)))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst();
    }

    /**
     * The page in a frame of a width, for a window has no less than 500 pixels. Its policy forbids all but what is in the file, so that a
     * request for anything else is an error on the console.
     */
    private String framed(String page, int width) {
        String strict = page.replace(
                "<head>",
                "<head><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">");
        return """
                <!doctype html><meta charset="utf-8"><body style="margin:0">
                <iframe style="border:0;width:%dpx;height:900px" srcdoc="%s"></iframe><pre id="measured"></pre>
                <script>%s</script>
                """
                .formatted(width, Html.escape(strict), MEASURE);
    }

    /** What of the page is where, as JSON. */
    private static final String MEASURE =
            """
            onload = () => {
              const frame = document.querySelector('iframe'), page = frame.contentDocument, view = frame.contentWindow;
              const box = e => { const b = e.getBoundingClientRect(); return [b.left, b.right, b.top, b.bottom].map(Math.round); };
              const texts = [...page.querySelectorAll('body *')].filter(e => e.checkVisibility()
                && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()));
              const clipped = [...page.querySelectorAll('.numbers b, .numbers span, h1, h2, h3, figcaption')]
                .filter(e => e.scrollWidth > e.clientWidth + 1 && view.getComputedStyle(e).display !== 'inline');
              document.querySelector('#measured').textContent = JSON.stringify({
                title: page.title,
                width: page.documentElement.clientWidth,
                scrollWidth: page.documentElement.scrollWidth,
                smallestFont: Math.min(...texts.map(e => parseFloat(view.getComputedStyle(e).fontSize))),
                texts: texts.length,
                clipped: clipped.map(e => e.textContent),
                plots: [...page.querySelectorAll('.plot')].map(p => ({
                  plot: box(p),
                  x: [...p.querySelectorAll('.x')].map(box),
                  y: [...p.querySelectorAll('.y')].map(box)})),
                pictures: [...page.querySelectorAll('img')].map(i => i.naturalWidth)
              });
            };
            """;

    private JsonNode measured(String name, String page, int width) throws Exception {
        Optional<String> browser = browser();
        assumeTrue(browser.isPresent(), "no Chromium is installed");
        Path file = folder.resolve(name + "-" + width + ".html");
        Files.writeString(file, framed(page, width));
        Path errors = folder.resolve(name + ".err");
        Path out = folder.resolve(name + ".out");
        Process process = new ProcessBuilder(
                        browser.get(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--no-first-run",
                        "--user-data-dir=" + folder.resolve("profile"),
                        "--window-size=1400,1000",
                        "--enable-logging=stderr",
                        "--dump-dom",
                        file.toUri().toString())
                .redirectError(errors.toFile())
                .redirectOutput(out.toFile())
                .start();
        try {
            assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the browser does not end");
        } finally {
            process.destroyForcibly();
        }
        List<String> console = Files.readAllLines(errors, StandardCharsets.UTF_8).stream()
                .filter(line -> line.contains("CONSOLE"))
                .toList();
        assertEquals(List.of(), console, name);
        String dom = Files.readString(out);
        int begin = dom.indexOf("<pre id=\"measured\">") + "<pre id=\"measured\">".length();
        String json = dom.substring(begin, dom.indexOf("</pre>", begin))
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&");
        return new ObjectMapper().readTree(json);
    }

    private void assertReadable(String name, String page, int plots, int pictures, int width) throws Exception {
        JsonNode seen = measured(name, page, width);
        assertTrue(seen.get("width").asInt() > width - 20 && seen.get("width").asInt() <= width, seen::toString);
        assertTrue(seen.get("scrollWidth").asInt() <= seen.get("width").asInt(), "it scrolls sideways: " + seen);
        assertTrue(seen.get("smallestFont").asDouble() >= LEAST_FONT, seen::toString);
        assertTrue(seen.get("texts").asInt() > 20, seen::toString);
        assertEquals("[]", seen.get("clipped").toString());
        assertEquals(plots, seen.get("plots").size());
        for (JsonNode plot : seen.get("plots")) {
            JsonNode box = plot.get("plot");
            assertTrue(box.get(1).asInt() - box.get(0).asInt() >= 200, "too narrow: " + plot);
            assertTrue(box.get(3).asInt() - box.get(2).asInt() >= 150, "too low: " + plot);
            assertApart(plot.get("x"), 0, 1, width);
            assertApart(plot.get("y"), 3, 2, width);
        }
        assertEquals(pictures, seen.get("pictures").size());
        seen.get("pictures").forEach(natural -> assertTrue(natural.asInt() > 0, "a picture is not shown"));
    }

    /** Labels one after another, which do not touch and are within the page. */
    private static void assertApart(JsonNode labels, int begin, int end, int width) {
        assertTrue(labels.size() >= 2, labels::toString);
        for (int i = 0; i < labels.size(); i++) {
            assertTrue(labels.get(i).get(0).asInt() >= 0 && labels.get(i).get(1).asInt() <= width, labels::toString);
            if (i > 0) {
                int gap = labels.get(i).get(begin).asInt()
                        - labels.get(i - 1).get(end).asInt();
                assertTrue(begin == 0 ? gap > 0 : gap < 0, "labels overlap: " + labels);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1280, 400})
    void aTrainingReport(int width) throws Exception {
        RunFiles run = RunFiles.fresh(folder.resolve("fake-run").toString(), new Configuration());
        run.create("a = 1");
        Report report = new Report(run, "a = 1 # </pre><script>console.error('settings')</script>");
        report.onStart(FakeRun.start());
        FakeRun.rounds(report, 0, FakeRun.EPOCHS * FakeRun.ROUNDS_PER_EPOCH);
        report.onMistakes(FakeRun.mistakes());
        report.onEnd(FakeRun.end());
        assertReadable("training", Files.readString(folder.resolve("fake-run").resolve(Report.NAME)), 4, 24, width);
    }

    @ParameterizedTest
    @ValueSource(ints = {1280, 400})
    void anEvaluation(int width) throws Exception {
        assertReadable("evaluation", evaluation().html(), 1, 24, width);
    }

    private static EvaluationPage evaluation() {
        List<String> labels = new ArrayList<>(FakeRun.CLASSES);
        labels.set(3, "<script>console.error('label')</script>, \"x\"\n=1+1");
        List<MemberResult> members = IntStream.range(1, 4)
                .mapToObj(m -> new MemberResult(
                        "hdfs://name:8020/runs/a-rather-long-name-of-a-directory/member-" + m,
                        1 / 3.0,
                        new Score(2000, 1700 + m, 1990, 900),
                        new Score(2000, 1720, 1995, 850)))
                .toList();
        List<Mistake> mistakes = IntStream.range(0, 24)
                .mapToObj(i -> new Mistake("<img src=x onerror=console.error(1)> " + i, 3, 4, 0.9f))
                .toList();
        EvaluationResult result = FakeRun.result(2);
        IntStream.range(0, 15).forEach(bin -> {
            result.calibration().images()[bin] = 100;
            result.calibration().correct()[bin] = 6 * bin;
            result.calibration().confidenceSum()[bin] = 6.5 * bin;
        });
        return new EvaluationPage(
                new Evaluation(
                        Classifier.of(List.of("a", "b", "c")),
                        "hdfs://name:8020/data/photos",
                        labels,
                        result,
                        members,
                        List.of(new BadImage("cut </td>.png", "the file is cut")),
                        mistakes,
                        12),
                FakeRun.mistakes().mistakes().stream().map(m -> m.png()).toList());
    }

    /** The test itself: a page that asks for something, or complains, or is too wide, is found out. */
    @Test
    void whatIsWrongIsSeen() throws Exception {
        assumeTrue(browser().isPresent(), "no Chromium is installed");
        for (String wrong : List.of("<img src=\"http://127.0.0.1:9/x.png\">", "<script>missing()</script>")) {
            String page = "<!doctype html><html><head><title>t</title></head><body>%s</body></html>".formatted(wrong);
            boolean passed = true;
            try {
                measured("wrong", page, 400);
            } catch (AssertionError e) {
                passed = false;
            }
            assertEquals(false, passed, wrong);
        }
        String wide = "<!doctype html><html><head></head><body><div style=\"width:500px\">x</div></body></html>";
        assertTrue(measured("wide", wide, 400).get("scrollWidth").asInt() > 450);
    }
}
