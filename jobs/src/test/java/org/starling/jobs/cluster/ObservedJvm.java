package org.starling.jobs.cluster;

import com.sun.management.UnixOperatingSystemMXBean;
import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Another JVM on this Linux machine, seen through JMX and /proc. */
final class ObservedJvm implements AutoCloseable {
    private final long pid;
    private final JMXConnector connector;
    private final MBeanServerConnection beans;
    private final MemoryMXBean memory;
    private final ThreadMXBean threads;
    private final UnixOperatingSystemMXBean system;
    private final List<BufferPoolMXBean> buffers;

    ObservedJvm(ProcessHandle process) throws IOException {
        this.pid = process.pid();
        this.connector = JMXConnectorFactory.connect(new JMXServiceURL(startAgent(pid)));
        this.beans = connector.getMBeanServerConnection();
        this.memory = ManagementFactory.getPlatformMXBean(beans, MemoryMXBean.class);
        this.threads = ManagementFactory.getPlatformMXBean(beans, ThreadMXBean.class);
        this.system = ManagementFactory.getPlatformMXBean(beans, UnixOperatingSystemMXBean.class);
        this.buffers = ManagementFactory.getPlatformMXBeans(beans, BufferPoolMXBean.class);
    }

    private static String startAgent(long pid) throws IOException {
        try {
            VirtualMachine machine = VirtualMachine.attach(String.valueOf(pid));
            try {
                return machine.startLocalManagementAgent();
            } finally {
                machine.detach();
            }
        } catch (AttachNotSupportedException e) {
            throw new IOException("process " + pid + " is no JVM that can be observed", e);
        }
    }

    /** A full collection. */
    void collectGarbage() {
        memory.gc();
    }

    /** Bytes of the heap in use, garbage included. */
    long heapBytes() {
        return memory.getHeapMemoryUsage().getUsed();
    }

    /** Bytes of direct buffers. */
    long directBytes() {
        return buffers.stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }

    int threads() {
        return threads.getThreadCount();
    }

    /** Open file descriptors, sockets included. */
    long openFiles() {
        return system.getOpenFileDescriptorCount();
    }

    /**
     * Bytes that the process has in memory without those for classes and compiled code, of which a JVM has more the longer it runs: heap,
     * arrays outside it, stacks, what compilers and collectors need.
     */
    long residentBytes() throws IOException {
        String line = Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status")).stream()
                .filter(l -> l.startsWith("VmRSS:"))
                .findFirst()
                .orElseThrow();
        return (Long.parseLong(line.replaceAll("\\D", "")) << 10)
                - memory.getNonHeapMemoryUsage().getCommitted();
    }

    /** Value of a variable in the environment that the process was started with. */
    String environment(String variable) throws IOException {
        byte[] environment = Files.readAllBytes(Path.of("/proc", String.valueOf(pid), "environ"));
        return Stream.of(new String(environment, StandardCharsets.UTF_8).split("\0"))
                .filter(assignment -> assignment.startsWith(variable + "="))
                .map(assignment -> assignment.substring(variable.length() + 1))
                .findFirst()
                .orElseThrow(() -> new IOException("process " + pid + " has no variable " + variable));
    }

    /**
     * A number among the JVM's managed beans.
     *
     * @param pattern of the bean's name, which one bean has
     */
    long attribute(String pattern, String attribute) throws IOException {
        try {
            ObjectName name = beans.queryNames(new ObjectName(pattern), null).stream()
                    .findFirst()
                    .orElseThrow(() -> new IOException("process " + pid + " has no bean " + pattern));
            return ((Number) beans.getAttribute(name, attribute)).longValue();
        } catch (JMException e) {
            throw new IOException("process " + pid + " does not say " + attribute + " of " + pattern, e);
        }
    }

    /** Bytes of all files under a folder; what goes while they are counted does not count. */
    static long fileBytes(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(Files::isRegularFile)
                    .mapToLong(ObservedJvm::size)
                    .sum();
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof NoSuchFileException) {
                return fileBytes(folder);
            }
            throw e;
        }
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (NoSuchFileException e) {
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        connector.close();
    }
}
