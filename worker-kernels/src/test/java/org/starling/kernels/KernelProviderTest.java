package org.starling.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelProviderTest {
    private static final String WITH_MODULE = "--add-modules=jdk.incubator.vector";

    /** Prints the provider's name, for the JVMs that these tests start. */
    public static final class PrintName {
        public static void main(String[] args) {
            try {
                System.out.println("kernels=" + KernelProvider.get().name());
            } catch (ExceptionInInitializerError e) {
                System.out.println("refused: " + e.getCause().getMessage());
            }
        }
    }

    private static String run(String... flags) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flags));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PrintName.class.getName()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void theProviderIsTheOneThatTheseTestsAreRunFor() {
        String expected = System.getProperty("starling.expected.kernels");
        // The run that forces nothing is there for the widest vectors.
        assertEquals(
                expected == null ? "vector-" + WidestVector.BITS : expected,
                KernelProvider.get().name());
    }

    @Test
    void withoutTheModuleTheKernelsAreScalar() throws IOException {
        assertTrue(run().contains("kernels=scalar"));
    }

    @Test
    void vectorKernelsForcedWithoutTheModuleAreRefusedWithTheFlagToPass() throws IOException {
        String output = run("-Dstarling.kernels=vector");
        assertTrue(output.contains("refused: -Dstarling.kernels=vector"), output);
        assertTrue(output.contains("pass '--add-modules jdk.incubator.vector' to java"), output);
    }

    @ParameterizedTest
    @CsvSource({"128, kernels=vector-128", "64, refused", "1024, refused", "wide, refused"})
    void aForcedWidthIsTakenOrRefused(String bits, String expected) throws IOException {
        String output = run(WITH_MODULE, "-Dstarling.kernels.bits=" + bits);
        assertTrue(output.contains(expected), output);
    }

    @Test
    void aForcedWidthOfScalarKernelsIsRefused() throws IOException {
        String forced = run(WITH_MODULE, "-Dstarling.kernels=scalar", "-Dstarling.kernels.bits=256");
        assertTrue(forced.contains("refused: -Dstarling.kernels.bits=256: these kernels are scalar"), forced);
        assertTrue(forced.contains("-Dstarling.kernels=scalar says so; leave one of the two out"), forced);
        String fallenBack = run("-Dstarling.kernels.bits=256");
        assertTrue(fallenBack.contains("pass '--add-modules jdk.incubator.vector' to java, or leave"), fallenBack);
    }

    @ParameterizedTest
    @CsvSource({"scalar, kernels=scalar", "SCALAR, kernels=scalar", "simd, refused: -Dstarling.kernels=simd"})
    void aForcedProviderIsTakenOrRefused(String provider, String expected) throws IOException {
        String output = run(WITH_MODULE, "-Dstarling.kernels=" + provider);
        assertTrue(output.contains(expected), output);
    }
}
