package org.starling.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import java.util.zip.ZipFile;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;

/** A model file in the hands of somebody who has DL4J and has never heard of Starling. */
class StockDl4jTest {
    @TempDir
    java.nio.file.Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"alexnet-small", "batch-normalized"})
    void aJvmWithoutStarlingComputesTheSameBits(String name) throws Exception {
        SequentialModel model = name.equals("alexnet-small")
                ? SequentialModel.read(
                        new Path("../conf/models/alexnet-small.json"), new Configuration(), ModelOptions.DEFAULT)
                : TestModels.batchNormalized("channels_last", 3, 5);
        java.nio.file.Path zip = folder.resolve("model.zip");
        ModelFile.write(
                new Path(zip.toUri()),
                new Configuration(),
                TestModels.description(model),
                TestModels.chunks(TestModels.parameters(model, 5), 100_000));
        long[] shape = {
            6, model.input().height(), model.input().width(), model.input().channels()
        };
        float[] images = new float[6 * model.input().length()];
        Random random = new Random(6);
        for (int i = 0; i < images.length; i++) {
            images[i] = random.nextFloat();
        }
        float[] here = ModelFile.read(new Path(zip.toUri()), new Configuration())
                .network()
                .output(Nd4j.create(images, shape, 'c'))
                .dup('c')
                .data()
                .asFloat();
        assertArrayEquals(bytes(here), outputsElsewhere(zip, images, shape));
        assertOnlyStockClasses(zip);
    }

    private byte[] outputsElsewhere(java.nio.file.Path zip, float[] images, long[] shape) throws Exception {
        java.nio.file.Path source = folder.resolve("OpenWithStockDl4j.java");
        try (InputStream in = StockDl4jTest.class.getResourceAsStream("OpenWithStockDl4j.java")) {
            Files.copy(in, source);
        }
        Files.write(folder.resolve("images"), bytes(images));
        java.nio.file.Path outputs = folder.resolve("outputs");
        java.nio.file.Path log = folder.resolve("log");
        Process process = new ProcessBuilder(
                        java.nio.file.Path.of(System.getProperty("java.home"), "bin", "java")
                                .toString(),
                        "-cp",
                        classPathWithoutStarling(),
                        source.toString(),
                        zip.toString(),
                        folder.resolve("images").toString(),
                        outputs.toString(),
                        Arrays.stream(shape).mapToObj(Long::toString).collect(Collectors.joining(",")))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        assertEquals(0, process.waitFor(), () -> log(log));
        return Files.readAllBytes(outputs);
    }

    private static String log(java.nio.file.Path log) {
        try {
            return Files.readString(log);
        } catch (java.io.IOException e) {
            return e.toString();
        }
    }

    /** The jars among this JVM's dependencies that hold nothing of ours; our own modules are folders in this build. */
    private static String classPathWithoutStarling() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.endsWith(".jar") && !holdsStarling(entry))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static boolean holdsStarling(String jar) {
        try (JarFile file = new JarFile(jar)) {
            return file.stream().anyMatch(entry -> entry.getName().startsWith("org/starling/"));
        } catch (java.io.IOException e) {
            return false;
        }
    }

    private static void assertOnlyStockClasses(java.nio.file.Path zip) throws Exception {
        try (ZipFile file = new ZipFile(zip.toFile());
                InputStream in = file.getInputStream(file.getEntry("configuration.json"))) {
            List<String> classes = new ObjectMapper().readTree(in).findValuesAsText("@class");
            assertFalse(classes.isEmpty());
            for (String name : classes) {
                assertTrue(name.startsWith("org.deeplearning4j.") || name.startsWith("org.nd4j."), name);
            }
        }
    }

    private static byte[] bytes(float[] values) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * values.length);
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }
}
