package org.starling.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.jobs.bench.cluster.ForkedProcess;
import org.starling.jobs.bench.cluster.SparkInstallation;
import org.starling.jobs.bench.cluster.StandaloneCluster;
import org.starling.jobs.bench.cluster.Submissions;

/** The program of docs/spark-ml.md, word for word, submitted as the page says. */
class SparkMlIT {
    private static final Path LOGS = Path.of("target", "spark-ml").toAbsolutePath();
    private static final Path LOCAL_LOGS = LOGS.resolve("local");
    private static final Duration JOB = Duration.ofMinutes(5);
    private static final String MAIN = "Flowers";
    /** Outputs of the network. */
    private static final int CLASSES = 10;

    private static final int IMAGES_PER_CLASS = 30;
    private static final int SIDE = 28;

    @TempDir
    static Path folder;

    private static SparkInstallation installation;
    private static Path jar;

    @BeforeAll
    static void prepare() throws IOException {
        Files.createDirectories(LOCAL_LOGS);
        installation = withMllib();
        jar = jar(compiled(DocumentedProgram.of("docs/spark-ml.md").get(0)));
        Random random = new Random(4);
        for (int c = 0; c < CLASSES; c++) {
            Path photos = Files.createDirectories(folder.resolve("photos").resolve("class-" + c));
            for (int i = 0; i < IMAGES_PER_CLASS; i++) {
                ImageIO.write(
                        image(c, random), "png", photos.resolve(i + ".png").toFile());
            }
        }
    }

    /** As Spark's own, which has MLlib; the jars that Starling's jobs are tested with have not. */
    private static SparkInstallation withMllib() throws IOException {
        Path jars = Files.createDirectories(folder.resolve("home/jars"));
        List<Path> all = new ArrayList<>(Checkout.list(Checkout.RUNTIME.resolve("jars")));
        for (String artifact : List.of("spark-mllib_", "spark-mllib-local_", "breeze_")) {
            all.add(Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                    .map(Path::of)
                    .filter(path -> path.getFileName().toString().startsWith(artifact))
                    .findFirst()
                    .orElseThrow());
        }
        for (Path each : all) {
            Files.createSymbolicLink(jars.resolve(each.getFileName()), each.toAbsolutePath());
        }
        SparkInstallation without = Checkout.installation();
        return new SparkInstallation(jars.getParent(), without.jar(), without.defaults());
    }

    private static Path compiled(String program) throws IOException {
        Path source = Files.writeString(folder.resolve(MAIN + ".java"), program);
        Path classes = Files.createDirectories(folder.resolve("classes"));
        DocumentedProgram.compile(source, classes);
        return classes;
    }

    private static Path jar(Path classes) throws IOException {
        Path file = folder.resolve("flowers.jar");
        try (OutputStream out = Files.newOutputStream(file);
                JarOutputStream entries = new JarOutputStream(out);
                Stream<Path> all = Files.list(classes)) {
            for (Path each : all.toList()) {
                entries.putNextEntry(new ZipEntry(each.getFileName().toString()));
                entries.write(Files.readAllBytes(each));
            }
        }
        return file;
    }

    /** A bright bar in noise, its place the class's. */
    private static BufferedImage image(int number, Random random) {
        BufferedImage image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                boolean bright = number < CLASSES / 2 ? y / 5 == number : x / 5 == number - CLASSES / 2;
                image.getRaster().setSample(x, y, 0, (bright ? 150 : 0) + random.nextInt(100));
            }
        }
        return image;
    }

    private static String accuracy(ForkedProcess driver) throws InterruptedException, IOException {
        ForkedProcess.Result result = driver.await(JOB);
        assertEquals(0, result.exitCode(), result.toString());
        assertTrue(result.out().contains("ImageClassifierModel"), result.toString());
        return result.out()
                .lines()
                .filter(line -> line.startsWith("accuracy "))
                .findFirst()
                .orElseThrow(() -> new AssertionError(result.toString()));
    }

    private static List<String> arguments(String out) {
        return List.of(
                folder.resolve("photos").toString(),
                Checkout.ROOT.resolve("conf/models/alexnet-small.json").toString(),
                folder.resolve(out).toString());
    }

    private static byte[] coefficients(String out) throws IOException {
        try (Stream<Path> stages =
                Files.list(folder.resolve(out).resolve("classifier").resolve("stages"))) {
            Path classifier = stages.filter(stage -> Files.exists(stage.resolve("model.zip")))
                    .findFirst()
                    .orElseThrow();
            return TrainedModel.coefficients(classifier);
        }
    }

    @Test
    void theProgramOfThePageTrainsTheSameNetworkOnAClusterAndInOneJvm() throws Exception {
        List<String> options = List.of("--jars", installation.jar().toString());
        String onCluster;
        try (StandaloneCluster cluster = new StandaloneCluster(installation, LOGS, 2, 1, 2048)) {
            onCluster = accuracy(cluster.submissions().start(options, MAIN, jar, arguments("cluster")));
        }
        try (Submissions local =
                new Submissions(installation, "local[2]", LOCAL_LOGS, Map.of("SPARK_LOCAL_IP", "127.0.0.1"))) {
            assertEquals(onCluster, accuracy(local.start(options, MAIN, jar, arguments("local"))));
        }
        assertArrayEquals(coefficients("cluster"), coefficients("local"));
        assertTrue(Double.parseDouble(onCluster.split(" ")[1]) > 0.5, onCluster);
    }
}
