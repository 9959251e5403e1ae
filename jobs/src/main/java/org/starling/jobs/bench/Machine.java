package org.starling.jobs.bench;

import org.nd4j.linalg.factory.Nd4j;
import org.starling.kernels.KernelProvider;
import org.starling.training.Cpu;

/**
 * What figures were measured on.
 *
 * @param cpu the processor's name
 * @param processors that this JVM may use
 * @param os name and architecture
 * @param jdk name and version of the virtual machine
 * @param kernels provider of Starling's kernels, such as {@code vector-512}
 * @param nativeThreads threads that DL4J's native code takes
 */
record Machine(String cpu, int processors, String os, String jdk, String kernels, int nativeThreads) {
    static Machine current() {
        return new Machine(
                Cpu.ofThisMachine().model(),
                Runtime.getRuntime().availableProcessors(),
                property("os.name") + " " + property("os.arch"),
                property("java.vm.name") + " " + property("java.runtime.version"),
                KernelProvider.get().name(),
                Nd4j.getEnvironment().maxThreads());
    }

    private static String property(String name) {
        return System.getProperty(name, "unknown");
    }
}
