package org.starling.training;

import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A machine's CPU, as far as numerical libraries choose their code by it.
 *
 * @param model model name, or the architecture where the system tells none
 * @param vector its widest vector instructions, such as {@code avx512f}, or {@code unknown}
 */
public record Cpu(String model, String vector) implements Serializable {
    private static final Path LINUX = Path.of("/proc/cpuinfo");

    /** As Linux names them, the widest first: x86_64, then arm64. */
    private static final List<String> VECTOR_FLAGS = List.of("avx512f", "avx2", "avx", "sse2", "sve", "asimd");

    /** Of the machine that this JVM runs on. */
    public static Cpu ofThisMachine() {
        String architecture = System.getProperty("os.arch");
        try {
            return of(Files.readString(LINUX), architecture);
        } catch (IOException e) {
            // No Linux.
            return of("", architecture);
        }
    }

    /** @param cpuinfo Linux's {@code /proc/cpuinfo}, of which the first processor counts; empty elsewhere */
    static Cpu of(String cpuinfo, String architecture) {
        Set<String> flags = value(cpuinfo, "flags")
                .or(() -> value(cpuinfo, "Features"))
                .map(text -> Set.of(text.split("\\s+")))
                .orElse(Set.of());
        return new Cpu(
                value(cpuinfo, "model name").orElse(architecture),
                VECTOR_FLAGS.stream().filter(flags::contains).findFirst().orElse("unknown"));
    }

    private static Optional<String> value(String cpuinfo, String key) {
        return cpuinfo.lines()
                .map(line -> line.split(":", 2))
                .filter(field -> field.length == 2 && field[0].strip().equals(key))
                .map(field -> field[1].strip())
                .findFirst();
    }

    @Override
    public String toString() {
        return model + ", " + vector;
    }
}
