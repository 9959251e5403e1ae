package org.starling.jobs.cluster;

import static java.util.stream.Collectors.toCollection;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;

class ClusterJarIT {
    private static final long MEGABYTE = 1L << 20;

    /**
     * Beginnings of classes that keep their names: Starling's, DL4J's with its one class in Spark's package, ND4J's with
     * TensorFlow and ONNX, JavaCPP's.
     */
    private static final List<String> OWN_NAMES = List.of(
            "org/starling/",
            "org/deeplearning4j/",
            "org/apache/spark/TaskContextHelper",
            "org/nd4j/",
            "org/eclipse/deeplearning4j/",
            "org/bytedeco/",
            "org/tensorflow/",
            "tensorflow/",
            "onnx/");

    private static Set<String> classes(Path jar) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.stream()
                    .map(ZipEntry::getName)
                    .filter(name -> name.endsWith(".class") && !name.endsWith("module-info.class"))
                    .collect(toCollection(TreeSet::new));
        }
    }

    /** 24 x 16 pixels without loss, from tools/oracle/real_images.py. */
    private static final String WEBP =
            "UklGRlwAAABXRUJQVlA4TFAAAAAvF8ADAIkdiOh/7IthKEP0P3aHmkiSlBOAwt6/jjfBFE9ItmFhEte432mNiUzaJgLHNMz/MwsxAfUHyFZiIoCiu0sxSzFLMas401SOa8r2Tw==";

    private static String text(String entry) throws IOException {
        try (JarFile file = new JarFile(Checkout.clusterJar().toFile())) {
            return new String(file.getInputStream(file.getEntry(entry)).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void itHasNoClassThatSparksOwnJarsHave() throws IOException {
        Set<String> ours = classes(Checkout.clusterJar());
        List<String> both = new ArrayList<>();
        List<Path> spark = Checkout.list(Checkout.RUNTIME.resolve("jars"));
        for (Path jar : spark) {
            for (String name : classes(jar)) {
                if (ours.contains(name)) {
                    both.add(jar.getFileName() + ": " + name);
                }
            }
        }
        assertTrue(spark.size() > 100, "Spark's jars: " + spark);
        assertEquals(List.of(), both);
    }

    @Test
    void thirdPartiesAreRelocated() throws IOException {
        List<String> others = classes(Checkout.clusterJar()).stream()
                .filter(name -> OWN_NAMES.stream().noneMatch(name::startsWith))
                .toList();
        assertEquals(List.of(), others);
    }

    @Test
    void itFitsIn200Megabytes() throws IOException {
        long size = Files.size(Checkout.clusterJar());
        assertTrue(size <= 200 * MEGABYTE, size / MEGABYTE + " MB");
    }

    @Test
    void itHasNativeLibrariesOfOnePlatformOnly() throws IOException {
        try (JarFile file = new JarFile(Checkout.clusterJar().toFile())) {
            Set<String> platforms = file.stream()
                    .map(ZipEntry::getName)
                    .filter(name -> name.matches(".*\\.(so|dylib|dll|jnilib)(\\.\\d+)*"))
                    .map(name -> Path.of(name).getParent().getFileName().toString())
                    .collect(toCollection(TreeSet::new));
            assertEquals(1, platforms.size(), platforms.toString());
        }
    }

    @Test
    void itNamesTheLicenceOfEveryLibrary() throws IOException {
        String licences = text("META-INF/LICENSE-third-party.txt");
        List<String> missing = Checkout.list(Checkout.RUNTIME.resolve("lib")).stream()
                .map(jar -> jar.getFileName().toString())
                .filter(name -> !name.startsWith("driver-") && !name.startsWith("worker-kernels-"))
                .map(name -> name.replaceFirst("-\\d.*", ""))
                .filter(artifact -> !licences.contains("\n  " + artifact + " "))
                .distinct()
                .toList();
        assertEquals(List.of(), missing);
        assertTrue(text("META-INF/LICENSE").contains("Apache License"));
        assertTrue(text("META-INF/NOTICE").contains("Jackson"));
    }

    /** By its relocated library, which finds parts of itself by their names. */
    @Test
    void aWebpPictureIsRead() throws Exception {
        List<URL> jars = new ArrayList<>(List.of(Checkout.clusterJar().toUri().toURL()));
        for (Path jar : Checkout.list(Checkout.RUNTIME.resolve("jars"))) {
            jars.add(jar.toUri().toURL());
        }
        try (URLClassLoader loader =
                new URLClassLoader(jars.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Class<?> shape = loader.loadClass("org.starling.model.ImageShape");
            Class<?> decoder = loader.loadClass("org.starling.data.ImageDecoder");
            Class<?> record = loader.loadClass("org.starling.data.ImageRecord");
            Object format = constant(loader, "org.starling.model.DataFormat", "CHANNELS_LAST");
            Object file = constant(loader, "org.starling.data.ImageRecord$Encoding", "FILE");
            Object image = record.getConstructors()[0].newInstance(
                    "a", 0, file, 0, 0, 0, Base64.getDecoder().decode(WEBP));
            byte[] values = (byte[]) decoder.getMethod("decode", record)
                    .invoke(
                            decoder.getConstructor(shape, int.class)
                                    .newInstance(shape.getConstructors()[0].newInstance(16, 24, 3, format), 0),
                            image);
            assertEquals(16 * 24 * 3, values.length);
            assertArrayEquals(new byte[] {(byte) 250, (byte) 240, (byte) 230}, Arrays.copyOf(values, 3));
        }
    }

    private static Object constant(ClassLoader loader, String type, String name) throws ClassNotFoundException {
        return Stream.of(loader.loadClass(type).getEnumConstants())
                .filter(value -> value.toString().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void servicesOfAllLibrariesAreKept() throws IOException {
        assertTrue(text("META-INF/services/org.nd4j.linalg.factory.Nd4jBackend").contains("CpuBackend"));
    }
}
