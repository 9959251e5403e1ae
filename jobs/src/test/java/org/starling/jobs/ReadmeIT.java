package org.starling.jobs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.jobs.bench.cluster.ForkedProcess;
import org.starling.jobs.cluster.Checkout;
import org.starling.jobs.cluster.DocumentedProgram;
import org.starling.jobs.cluster.TrainedModel;

/** The programs of README.md and docs/java.md, word for word, in JVMs of their own. */
class ReadmeIT {
    @TempDir
    Path folder;

    /** Compiles a program whose lines are imports, classes and statements; its class is Readme. */
    private Path compiled(String program) throws IOException {
        Map<Boolean, List<String>> lines =
                program.lines().collect(Collectors.partitioningBy(line -> line.startsWith("import ")));
        Path source = Files.writeString(
                folder.resolve("Readme.java"),
                "%s%npublic class Readme {%n    public static void main(String[] arguments) {%n%s%n    }%n}%n"
                        .formatted(String.join("\n", lines.get(true)), String.join("\n", lines.get(false))));
        Path classes = Files.createTempDirectory(folder, "classes");
        DocumentedProgram.compile(source, classes);
        return classes;
    }

    /** In a folder that looks as the checkout does to whoever reads the page. */
    private ForkedProcess.Result run(String program) throws Exception {
        for (String seen : List.of("conf", "data")) {
            if (!Files.exists(folder.resolve(seen))) {
                Files.createSymbolicLink(folder.resolve(seen), Checkout.ROOT.resolve(seen));
            }
        }
        List<String> command = ForkedProcess.java(
                ManagementFactory.getRuntimeMXBean().getInputArguments().toArray(String[]::new));
        command.addAll(List.of(
                "-Dspark.master=local[2]",
                "-Dspark.ui.enabled=false",
                "-Dspark.driver.host=127.0.0.1",
                "-Dspark.driver.bindAddress=127.0.0.1",
                "-cp",
                compiled(program) + File.pathSeparator + System.getProperty("java.class.path"),
                "Readme"));
        try (ForkedProcess process = ForkedProcess.start(folder, folder, "program", Map.of(), command)) {
            ForkedProcess.Result result = process.await(Duration.ofMinutes(20));
            assertEquals(0, result.exitCode(), result.toString());
            return result;
        }
    }

    @Test
    void tenLinesOfJavaTrainTheSameBitsAsTheCommandLine() throws Exception {
        List<String> programs = DocumentedProgram.of("README.md");
        assertEquals(1, programs.size());
        String out = run(programs.get(0)).out();

        Path run = folder.resolve("by-command");
        CommandLineRun command = CommandLineRun.of(
                "train",
                Checkout.ROOT.resolve("conf/quickstart.conf").toString(),
                "run.directory=" + run,
                "training.epochs=2",
                "training.schedule.name=polynomial",
                "training.schedule.warmupSteps=0",
                "data.augmentation.mirror=true",
                "data.augmentation.shift=2");
        assertEquals(0, command.exitCode(), command::toString);
        try (ZipFile saved = new ZipFile(folder.resolve("fashion.zip").toFile())) {
            assertArrayEquals(
                    TrainedModel.coefficients(run),
                    saved.getInputStream(saved.getEntry("coefficients.bin")).readAllBytes());
        }
        String accuracy = command.out().get(command.out().size() - 2).replaceFirst("^validation accuracy: ", "");
        assertTrue(Double.parseDouble(accuracy) > 0.6, accuracy);
        assertTrue(out.contains(accuracy + "]"), () -> accuracy + " is the last accuracy of " + out);
    }

    @Test
    void theProgramsOfTheJavaPageRun() throws Exception {
        List<String> programs = DocumentedProgram.of("docs/java.md");
        assertTrue(programs.size() > 0);
        for (String program : programs) {
            run(program);
        }
    }
}
