package org.starling.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KernelProviderTest {
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

    private static String run(String... flags) throws Exception {
        return OtherJvm.run(PrintName.class, List.of(flags));
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
    void withoutTheModuleTheKernelsAreScalar() throws Exception {
        assertTrue(run().contains("kernels=scalar"));
    }

    @Test
    void vectorKernelsForcedWithoutTheModuleAreRefusedWithTheFlagToPass() throws Exception {
        String output = run("-Dstarling.kernels=vector");
        assertTrue(output.contains("refused: -Dstarling.kernels=vector"), output);
        assertTrue(output.contains("pass '--add-modules jdk.incubator.vector' to java"), output);
    }

    @ParameterizedTest
    @CsvSource({"128, kernels=vector-128", "64, refused", "1024, refused", "wide, refused"})
    void aForcedWidthIsTakenOrRefused(String bits, String expected) throws Exception {
        String output = run(OtherJvm.WITH_MODULE, "-Dstarling.kernels.bits=" + bits);
        assertTrue(output.contains(expected), output);
    }

    @Test
    void aForcedWidthOfScalarKernelsIsRefused() throws Exception {
        String forced = run(OtherJvm.WITH_MODULE, "-Dstarling.kernels=scalar", "-Dstarling.kernels.bits=256");
        assertTrue(forced.contains("refused: -Dstarling.kernels.bits=256: these kernels are scalar"), forced);
        assertTrue(forced.contains("-Dstarling.kernels=scalar says so; leave one of the two out"), forced);
        String fallenBack = run("-Dstarling.kernels.bits=256");
        assertTrue(fallenBack.contains("pass '--add-modules jdk.incubator.vector' to java, or leave"), fallenBack);
    }

    @ParameterizedTest
    @CsvSource({"scalar, kernels=scalar", "SCALAR, kernels=scalar", "simd, refused: -Dstarling.kernels=simd"})
    void aForcedProviderIsTakenOrRefused(String provider, String expected) throws Exception {
        String output = run(OtherJvm.WITH_MODULE, "-Dstarling.kernels=" + provider);
        assertTrue(output.contains(expected), output);
    }
}
