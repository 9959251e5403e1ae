package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models and runs made by somebody who means harm, given to the command line: one paragraph, exit code 2, and nothing is written. */
class HostileFilesTest {
    @TempDir
    static Path folder;

    private static TinyProject project;
    private static byte[] zip;
    private static byte[] json;

    @BeforeAll
    static void train() throws IOException {
        project = TinyProject.in(folder);
        CommandLineRun run = CommandLineRun.of("train", project.path("a.conf"));
        assertEquals(0, run.exitCode(), run::toString);
        zip = Files.readAllBytes(folder.resolve("run/model.zip"));
        json = Files.readAllBytes(folder.resolve("run/model.json"));
    }

    private Map<String, Long> contents() throws IOException {
        Map<String, Long> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.toList()) {
                contents.put(file.toString(), Files.isDirectory(file) ? 0 : checksum(Files.readAllBytes(file)));
            }
        }
        return contents;
    }

    private static long checksum(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return crc.getValue();
    }

    private void refuses(String expected, String... arguments) throws IOException {
        Map<String, Long> before = contents();
        CommandLineRun run = CommandLineRun.of(arguments);
        assertEquals(2, run.exitCode(), run::toString);
        assertEquals(1, run.err().size(), run::toString);
        assertTrue(run.err().get(0).startsWith("error: "), run::toString);
        assertTrue(run.err().get(0).contains(expected), run::toString);
        assertFalse(run.toString().contains("\tat ") || run.toString().contains("Exception"), run::toString);
        assertTrue(run.toString().length() < 20_000, "what is printed is long");
        assertTrue(run.toString().chars().noneMatch(c -> c == 0x1b || c == 0x202e), run::toString);
        assertEquals(before, contents());
    }

    /** Puts a model beside, with a JSON that is right about its zip but for what is changed. */
    private void jobsRefuse(String expected, byte[] zip, Consumer<ObjectNode> change) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        ObjectNode root = (ObjectNode) mapper.readTree(json);
        root.put("length", zip.length).put("crc32c", String.format("%08x", checksum(zip)));
        change.accept(root);
        Files.createDirectories(folder.resolve("bad"));
        Files.write(folder.resolve("bad/model.zip"), zip);
        Files.write(folder.resolve("bad/model.json"), mapper.writeValueAsBytes(root));
        String model = project.path("bad");
        String images = project.path("images");
        refuses(expected, "evaluate", "--model", model, "--data", images, "--out", project.path("evaluation"));
        refuses(expected, "predict", "--model", model, "--input", images, "--out", project.path("answers"));
        refuses(expected, "export", "--model", model, "--out", project.path("model.onnx"));
        refuses(expected, "export", "--model", model, "--out", project.path("model.safetensors"));
    }

    private byte[] withEntry(String name, byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Path whole = Files.write(folder.resolve("whole.zip"), zip);
        try (ZipFile file = new ZipFile(whole.toFile());
                ZipOutputStream out = new ZipOutputStream(bytes)) {
            out.setLevel(0);
            for (ZipEntry entry : file.stream().toList()) {
                out.putNextEntry(new ZipEntry(entry.getName()));
                out.write(file.getInputStream(entry).readAllBytes());
            }
            out.putNextEntry(new ZipEntry(name));
            out.write(content);
        }
        return bytes.toByteArray();
    }

    @Test
    void javaObjectsAndPathsInAZip() throws IOException {
        byte[] object = {(byte) 0xac, (byte) 0xed, 0, 5};
        jobsRefuse("foreign entry, preprocessor.bin", withEntry("preprocessor.bin", object), root -> {});
        jobsRefuse("foreign entry, ../../\\u001b[2Jx", withEntry("../../\u001b[2Jx", object), root -> {});
    }

    @Test
    void networksThatOverflow() throws IOException {
        String keras = Files.readString(folder.resolve("model.json"));
        jobsRefuse(
                "too large",
                zip,
                root -> root.put("keras", keras.replace("[null, 4, 4, 1]", "[null, 2147483647, 2147483647, 3]")));
        jobsRefuse("positive integer", zip, root -> root.put("keras", keras.replace("\"units\": 2", "\"units\": -2")));
        jobsRefuse("bytes where its JSON says", zip, root -> root.put(
                        "keras", keras.replace("[null, 4, 4, 1]", "[null, 20000, 20000, 1]"))
                .put("parameters", 800_000_002));
        jobsRefuse(
                "not supported",
                zip,
                root -> root.put("keras", keras.replace("\"Flatten\"", "\"java.lang.\\u001b[2JRuntime\"")));
        jobsRefuse(
                "has 5,000,000 characters",
                zip,
                root -> root.put("keras", keras.replace("\"last\"", "\"" + "a".repeat(5_000_000) + "\"")));
        Files.writeString(folder.resolve("deep.json"), "[".repeat(1_000_000));
        refuses("depth", "describe", project.path("deep.json"));
        refuses(
                "depth",
                "train",
                project.path("a.conf"),
                "run.directory=" + project.path("r"),
                "model.file=" + project.path("deep.json"));
    }

    @Test
    void aTrainingFileOfBrackets() throws IOException {
        Files.createDirectories(folder.resolve("deep"));
        Files.writeString(folder.resolve("deep/config.conf"), "a = " + "[".repeat(500_000));
        refuses("too deep", "train", "--resume", project.path("deep"));
        refuses("too deep", "train", project.path("deep/config.conf"));
    }

    /** A run whose newest checkpoint says what cannot be. */
    @Test
    void checkpointsThatLie() throws IOException {
        Path original = folder.resolve("run/checkpoints");
        Path checkpoint;
        try (Stream<Path> folders = Files.list(original)) {
            checkpoint = folders.max(Path::compareTo).orElseThrow();
        }
        for (Map.Entry<String, Consumer<ObjectNode>> lie : Map.<String, Consumer<ObjectNode>>of(
                        "a number is out of its range", root -> root.put("parameters", 25_000_000_000L),
                        "names a part ../../x", root -> ((ObjectNode) root.at("/parts/0")).put("name", "../../x"),
                        "has 68 parameters, and the model has 34", root -> root.put("parameters", 68),
                        "lacks the number best", root -> ((ObjectNode) root.get("progress")).remove("best"))
                .entrySet()) {
            Path run = folder.resolve("copy");
            copyRun(checkpoint, run);
            Path manifest =
                    run.resolve("checkpoints").resolve(checkpoint.getFileName()).resolve("manifest.json");
            Files.write(manifest, changed(Files.readAllBytes(manifest), lie.getValue()));
            Map<String, Long> before = contents();
            CommandLineRun resumed = CommandLineRun.of("train", "--resume", run.toString(), "training.epochs=3");
            assertEquals(2, resumed.exitCode(), resumed::toString);
            assertTrue(resumed.err().get(0).contains(lie.getKey()), resumed::toString);
            assertFalse(resumed.toString().contains("\tat "), resumed::toString);
            assertEquals(before, contents());
            delete(run);
        }
    }

    private void copyRun(Path checkpoint, Path run) throws IOException {
        Path target = run.resolve("checkpoints").resolve(checkpoint.getFileName());
        Files.createDirectories(target);
        Files.copy(folder.resolve("run/config.conf"), run.resolve("config.conf"));
        try (Stream<Path> files = Files.list(checkpoint)) {
            for (Path file : files.filter(f -> !f.toString().endsWith(".crc")).toList()) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static byte[] changed(byte[] manifest, Consumer<ObjectNode> change) throws IOException {
        ObjectNode root = (ObjectNode) new ObjectMapper().readTree(manifest);
        change.accept(root);
        root.remove("manifestCrc32c");
        root.put("manifestCrc32c", "00000000");
        String text = root.toPrettyString();
        int at = text.lastIndexOf("00000000");
        String crc = String.format("%08x", checksum(text.getBytes(StandardCharsets.UTF_8)));
        return (text.substring(0, at) + crc + text.substring(at + 8)).getBytes(StandardCharsets.UTF_8);
    }
}
