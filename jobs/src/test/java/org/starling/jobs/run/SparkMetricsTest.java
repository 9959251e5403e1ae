package org.starling.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.jobs.TinyProject;
import org.starling.jobs.configuration.TrainingFile;
import org.starling.training.Trainer;
import org.starling.training.TrainingEvent;
import org.starling.training.TrainingListener;

/** What Prometheus would read from a driver, over HTTP. */
class SparkMetricsTest {
    private static final Pattern METRIC =
            Pattern.compile("^metrics_tests_driver_(starling2?)_training_(\\w+?)_(?:Number|Count)\\{[^}]*\\} (\\S+)$");

    @TempDir
    Path folder;

    private static String page(JavaSparkContext spark) {
        try {
            URI address = URI.create(spark.sc().uiWebUrl().get() + "/metrics/prometheus");
            HttpResponse<String> answer = HttpClient.newBuilder()
                    .followRedirects(HttpClient.Redirect.ALWAYS)
                    .build()
                    .send(HttpRequest.newBuilder(address).build(), HttpResponse.BodyHandlers.ofString());
            assertEquals(200, answer.statusCode());
            return answer.body();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, Double> metrics(String page, String source) {
        Map<String, Double> metrics = new TreeMap<>();
        page.lines().forEach(line -> {
            Matcher metric = METRIC.matcher(line);
            if (metric.find() && metric.group(1).equals(source)) {
                metrics.put(metric.group(2), Double.valueOf(metric.group(3)));
            }
        });
        return metrics;
    }

    private static JsonNode last(Path metricsFile, String event) throws IOException {
        JsonNode last = null;
        for (String line : Files.readAllLines(metricsFile)) {
            JsonNode json = new ObjectMapper().readTree(line);
            last = json.get("event").asText().equals(event) ? json : last;
        }
        return last;
    }

    @Test
    void aTrainingIsSeenByPrometheusWhileItRuns() throws Exception {
        TinyProject project = TinyProject.in(folder);
        TrainingFile file = TrainingFile.read(project.path("a.conf"), List.of(), new Configuration());
        RunFiles files = RunFiles.fresh(folder.resolve("run").toString(), new Configuration());
        files.create(file.effectiveText());
        SparkConf conf = new SparkConf()
                .setMaster("local[2]")
                .setAppName("metrics")
                .set("spark.ui.enabled", "true")
                .set("spark.ui.port", "0")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1")
                .set("spark.metrics.namespace", "tests")
                .set(
                        "spark.metrics.conf.*.sink.prometheusServlet.class",
                        "org.apache.spark.metrics.sink.PrometheusServlet")
                .set("spark.metrics.conf.*.sink.prometheusServlet.path", "/metrics/prometheus");
        try (JavaSparkContext spark = new JavaSparkContext(conf)) {
            List<String> pages = new ArrayList<>();
            TrainingListener prometheus = new TrainingListener() {
                @Override
                public void onStart(TrainingEvent.Start start) {
                    pages.add(page(spark));
                }

                @Override
                public void onEnd(TrainingEvent.End end) {
                    pages.add(page(spark));
                    another(spark, file, pages);
                }
            };
            new Trainer(
                            spark,
                            file.configuration(),
                            file.effectiveSettings(),
                            List.of(new MetricsFile(files), prometheus))
                    .run(false);

            Map<String, Double> begun = metrics(pages.get(0), "starling");
            assertEquals(2, begun.get("replicas"));
            assertTrue(begun.get("loss").isNaN(), begun::toString);
            Map<String, Double> seen = metrics(pages.get(1), "starling");
            assertEquals(24, seen.size(), seen::toString);
            Path written = folder.resolve("run").resolve(MetricsFile.NAME);
            JsonNode round = last(written, "round");
            assertEquals(4, round.get("round").asInt());
            for (String[] names : new String[][] {
                {"round", "round"},
                {"epochsDone", "epochs_done"},
                {"loss", "loss"},
                {"accuracy", "accuracy"},
                {"learningRate", "learning_rate"},
                {"roundSeconds", "seconds"},
                {"waitSeconds", "wait_seconds"},
                {"gatherSeconds", "gather_seconds"},
                {"trainSeconds", "train_seconds"},
                {"averageSeconds", "average_seconds"},
                {"slowestReplicaSeconds", "slowest_seconds"}
            }) {
                assertEquals(round.get(names[1]).asDouble(), seen.get(names[0]), names[0]);
            }
            assertEquals(
                    round.get("examples").asDouble() / round.get("seconds").asDouble(), seen.get("imagesPerSecond"));
            JsonNode validation = last(written, "validation");
            assertEquals(validation.get("accuracy").asDouble(), seen.get("validationAccuracy"));
            assertEquals(validation.get("loss").asDouble(), seen.get("validationLoss"));
            assertEquals(validation.get("seconds").asDouble(), seen.get("validationSeconds"));
            JsonNode checkpoint = last(written, "checkpoint");
            assertEquals(checkpoint.get("seconds").asDouble(), seen.get("checkpointSeconds"));
            // 18 images, twice.
            assertEquals(36, seen.get("images"));
            assertEquals(2, seen.get("checkpoints"));

            assertEquals(seen, metrics(pages.get(2), "starling"), "one beside it changes nothing");
            assertEquals(3, metrics(pages.get(2), "starling2").get("rounds"));
            assertEquals(seen, metrics(pages.get(3), "starling"), "the end of one beside it changes nothing");
            assertEquals(Map.of(), metrics(pages.get(3), "starling2"));
            assertEquals(Map.of(), metrics(page(spark), "starling"), "what is over is not shown");
        }
    }

    /** Trains beside the first, and looks before its end and after it. */
    private void another(JavaSparkContext spark, TrainingFile file, List<String> pages) {
        TrainingFile other = TrainingFile.read(
                folder.resolve("a.conf").toString(),
                List.of("run.directory=" + folder.resolve("other"), "training.epochs=1", "training.batch=2"),
                new Configuration());
        TrainingListener listener = new TrainingListener() {
            @Override
            public void onEnd(TrainingEvent.End end) {
                pages.add(page(spark));
            }
        };
        new Trainer(spark, other.configuration(), other.effectiveSettings(), List.of(listener)).run(false);
        pages.add(page(spark));
    }
}
