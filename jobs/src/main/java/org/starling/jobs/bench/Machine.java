package org.starling.jobs.bench;

import org.starling.training.Cpu;

/**
 * What figures were measured on.
 *
 * @param cpu the processor's name
 * @param processors that this JVM may use
 * @param os name and architecture
 * @param jdk name and version of the virtual machine
 */
public record Machine(String cpu, int processors, String os, String jdk) {
    /** Where this JVM runs. */
    public static Machine current() {
        return new Machine(
                Cpu.ofThisMachine().model(),
                Runtime.getRuntime().availableProcessors(),
                property("os.name") + " " + property("os.arch"),
                property("java.vm.name") + " " + property("java.runtime.version"));
    }

    private static String property(String name) {
        return System.getProperty(name, "unknown");
    }
}
