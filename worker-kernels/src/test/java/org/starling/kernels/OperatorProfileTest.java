package org.starling.kernels;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In JVMs of their own, which do on purpose what some starts do by chance: a method that all operators share is compiled for one of them. */
class OperatorProfileTest {
    /** Whether it happens is chance, so often the case that it is seen. */
    private static final int ATTEMPTS = 10;

    @TempDir
    Path folder;

    @Test
    void afterKernelsAreChosenNoOperatorSurprisesTheCompiler() throws Exception {
        int needed = 1;
        while (!isSurprised("nothing")) {
            needed++;
            assertTrue(needed <= ATTEMPTS, "the test would not notice");
        }
        for (int i = 0; i <= needed; i++) {
            assertFalse(isSurprised("kernels"));
        }
    }

    /** Whether compiled code of the shared method was given up because it was called for another operator. */
    private boolean isSurprised(String first) throws Exception {
        Path log = folder.resolve(first + ".xml");
        OtherJvm.run(
                OneOperatorFirst.class,
                List.of(
                        OtherJvm.WITH_MODULE,
                        "--add-opens=jdk.incubator.vector/jdk.incubator.vector=ALL-UNNAMED",
                        "-XX:+UnlockDiagnosticVMOptions",
                        "-XX:+LogCompilation",
                        "-XX:LogFile=" + log),
                first);
        boolean trap = false;
        try (Stream<String> lines = Files.lines(log)) {
            for (String line : (Iterable<String>) lines::iterator) {
                if (line.startsWith("<uncommon_trap thread=")) {
                    trap = line.contains("reason='class_check'");
                } else if (trap && line.startsWith("<jvms") && line.contains("VectorOperators opCode")) {
                    return true;
                }
            }
        }
        return false;
    }
}
