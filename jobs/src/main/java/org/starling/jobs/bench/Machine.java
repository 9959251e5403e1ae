package org.starling.jobs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What figures were measured on.
 *
 * @param cpu the processor's name
 * @param processors that this JVM may use
 * @param os name and architecture
 * @param jdk name and version of the virtual machine
 */
public record Machine(String cpu, int processors, String os, String jdk) {
    private static final Path CPUS = Path.of("/proc/cpuinfo");

    /** Where this JVM runs. */
    public static Machine current() {
        return new Machine(
                processorName(),
                Runtime.getRuntime().availableProcessors(),
                property("os.name") + " " + property("os.arch"),
                property("java.vm.name") + " " + property("java.runtime.version"));
    }

    private static String property(String name) {
        return System.getProperty(name, "unknown");
    }

    /** As Linux says it on x86; elsewhere the architecture must do. */
    private static String processorName() {
        try {
            List<String> lines = Files.isReadable(CPUS) ? Files.readAllLines(CPUS) : List.of();
            return lines.stream()
                    .filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElseGet(() -> property("os.arch"));
        } catch (IOException e) {
            return property("os.arch");
        }
    }
}
