package org.starling;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;

/** What the calling thread takes from the heap, and the process outside it. */
public final class AllocatedMemory {
    private AllocatedMemory() {}

    /** Runs it, and expects it to have allocated at most so many bytes of heap in all, and not much outside. */
    public static <T> T atMost(long bytes, Supplier<T> work) {
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = thread.getCurrentThreadAllocatedBytes();
        long outside = Pointer.totalBytes();
        T result = work.get();
        long allocated = thread.getCurrentThreadAllocatedBytes() - before;
        assertTrue(allocated <= bytes, allocated + " bytes were allocated");
        assertTrue(Pointer.totalBytes() - outside <= bytes, "outside the heap");
        return result;
    }
}
