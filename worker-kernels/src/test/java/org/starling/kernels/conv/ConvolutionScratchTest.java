package org.starling.kernels.conv;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.starling.kernels.conv.ConvolutionErrors.random;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.starling.kernels.ComputeTeam;
import org.starling.kernels.KernelProvider;
import org.starling.kernels.conv.Convolution.Algorithm;
import org.starling.kernels.epilogue.Epilogue;

class ConvolutionScratchTest {
    /**
     * As many channels as filters, so that no pass makes the arrays of another one larger; scalar, as vectors are objects until they are
     * compiled.
     */
    @ParameterizedTest
    @CsvSource({"16, 13, 64, 3, 1", "4, 27, 64, 5, 1", "2, 13, 512, 3, 1", "16, 29, 64, 3, 3", "8, 13, 128, 1, 1"})
    void whatIsCountedIsWhatThePassesAllocate(int images, int size, int channels, int kernel, int stride) {
        int pad = stride == 1 ? kernel / 2 : 0;
        int out = (size + 2 * pad - kernel) / stride + 1;
        ConvolutionShape s = new ConvolutionShape(
                images, size, size, channels, channels, kernel, kernel, stride, stride, pad, pad, 1, 1, out, out);
        ConvolutionScratch scratch = new ConvolutionScratch();
        scratch.add(s, true);
        // The parameters are the caller's.
        long counted = scratch.bytes(1) - (long) Float.BYTES * s.patch() * channels;
        // The JVM allocates too, when it links code for the first time.
        allocatedByAllPasses(s);
        long allocated = allocatedByAllPasses(s);
        assertEquals(allocated, counted, 0.1 * allocated);
    }

    private static long allocatedByAllPasses(ConvolutionShape s) {
        float[] x = random(s.images() * s.height() * s.width() * s.channels(), 1);
        float[] w = random(s.patch() * s.filters(), 2);
        float[] y = random(s.pixels() * s.filters(), 3);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (ComputeTeam team = new ComputeTeam(1)) {
            Convolution convolution = new Convolution(team, KernelProvider.scalar(), Algorithm.CHEAPEST);
            long before = threads.getCurrentThreadAllocatedBytes();
            convolution.forward(s, x, w, y, Epilogue.NONE);
            convolution.backwardEpilogue(s, null, y, null);
            convolution.backwardFilter(s, x, y, w);
            convolution.backwardData(s, y, w, x);
            return threads.getCurrentThreadAllocatedBytes() - before;
        }
    }
}
