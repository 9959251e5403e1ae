package org.starling.jobs.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.evaluation.EvaluationResult;
import org.starling.jobs.run.FakeRun;
import org.starling.jobs.run.MetricsFile;
import org.starling.jobs.run.RunFiles;
import org.starling.training.TrainingEvent;
import org.starling.training.TrainingListener;

class ReportTest {
    @TempDir
    Path folder;

    private String finishedReport() throws IOException {
        RunFiles run = RunFiles.fresh(folder.resolve("fake-run").toString(), new Configuration());
        run.create("a = 1");
        Report report = new Report(run, "a = 1 # </pre><script>alert(1)</script>");
        report.onStart(FakeRun.start());
        FakeRun.rounds(report, 0, FakeRun.EPOCHS * FakeRun.ROUNDS_PER_EPOCH);
        report.onMistakes(FakeRun.mistakes());
        report.onEnd(FakeRun.end());
        return Files.readString(folder.resolve("fake-run").resolve(Report.NAME));
    }

    @Test
    void needsNothingFromTheNetwork() throws IOException {
        Matcher references = Pattern.compile("(?:src|href|url)\\s*[=(]\\s*[\"']?([^\"')\\s>]{0,30})")
                .matcher(finishedReport());
        int pictures = 0;
        while (references.find()) {
            assertTrue(references.group(1).startsWith("data:image/png"), references.group());
            pictures++;
        }
        assertEquals(24, pictures);
    }

    @Test
    void showsAClassNameAsTextWhateverIsInIt() throws IOException {
        String html = finishedReport();
        assertFalse(html.contains("<b>Ankle"));
        assertTrue(html.contains("&lt;b&gt;Ankle &amp; boot"));
        assertFalse(html.contains("<script>alert"));
    }

    @Test
    void listsTheWorstRecognisedClassFirst() throws IOException {
        // Class 6, 30 of whose 200 images are wrong in epoch 3.
        String table = new ClassResults(FakeRun.CLASSES, FakeRun.result(3)).table();
        String first = table.substring(table.indexOf("<tbody>"), table.indexOf("</tr>", table.indexOf("<tbody>")));
        assertTrue(first.contains("Shirt") && first.contains("0.850"), first);
        assertEquals(10, table.split("<tr><th>").length - 2);
    }

    @Test
    void showsTheCommonestConfusionsOfManyClassesInPlaceOfAHugeMap() {
        List<String> classes = java.util.stream.IntStream.range(0, 1000)
                .mapToObj(c -> "class " + c)
                .toList();
        EvaluationResult result = EvaluationResult.empty(1000);
        result.confusion()[3][7] = 12;
        result.confusion()[7][3] = 1;
        result.confusion()[5][5] = 99;
        String html = new ClassResults(classes, result).confusion();
        assertTrue(html.indexOf("class 3") < html.indexOf("class 7"), html);
        assertFalse(html.contains("class 5"));
    }

    @Test
    void aResumedRunShowsTheRoundsBeforeTheInterruptionOnce() throws IOException {
        String directory = folder.resolve("fake-run").toString();
        RunFiles run = RunFiles.fresh(directory, new Configuration());
        run.create("a = 1");
        MetricsFile metrics = new MetricsFile(run);
        metrics.onStart(FakeRun.start());
        FakeRun.rounds(metrics, 0, 13);

        RunFiles again = RunFiles.existing(directory, new Configuration());
        MetricsFile metricsAgain = new MetricsFile(again);
        Report report = new Report(again, "a = 1");
        for (TrainingListener listener : List.of(metricsAgain, report)) {
            listener.onStart(FakeRun.start());
            listener.onResume(new TrainingEvent.Resume(10, "file:/runs/fake/checkpoints/10", List.of()));
            FakeRun.rounds(listener, 10, 20);
        }
        RunHistory history = RunHistory.parse(again.readGrown(MetricsFile.NAME));
        assertEquals(20, history.rounds().size());
        assertEquals(2, history.validations().size());
        for (int i = 0; i < 20; i++) {
            assertEquals(i + 1, history.rounds().get(i).round());
        }
        String html = Files.readString(folder.resolve("fake-run").resolve(Report.NAME));
        // The first chart is the loss; its first series has a point a round.
        String points = html.substring(html.indexOf("[["), html.indexOf("]]"));
        assertEquals(20, points.split("],\\[").length);
    }

    @Test
    void thinsLongRunsToWhatAScreenCanShow() {
        List<Chart.Point> points = java.util.stream.IntStream.range(0, 100_000)
                .mapToObj(i -> new Chart.Point(i / 1000.0, 2))
                .toList();
        String html = new Chart("Loss", "%.1f", List.of(new Chart.Series("training", "train", points)), 100, 0).html();
        assertTrue(html.length() < 40_000, () -> html.length() + " characters");
        assertTrue(html.contains("\"M") && html.contains("L1000.0 0.0\""));
    }

    @Test
    void axesHaveThreeToSixRoundParts() {
        assertEquals(0.5, Chart.niceStep(2.3));
        assertEquals(20, Chart.niceStep(100));
        assertEquals(0.002, Chart.niceStep(0.0101), 1e-12);
        for (double range = 0.001; range < 1e6; range *= 1.07) {
            double parts = range / Chart.niceStep(range);
            assertTrue(parts >= 2.3 && parts <= 6 + 1e-9, range + " has " + parts + " parts");
        }
    }
}
