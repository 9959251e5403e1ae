package org.starling.data;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadProgressListener;

/**
 * Stops a decoder that takes too long: such a file is taken for damaged. The thread's processor time counts, so that a busy machine makes no image bad.
 * The decoder's own reports of progress, a line at a time, are the moments to look; no other thread may stop a JPEG reader.
 */
final class DecodeBudget implements IIOReadProgressListener {
    /** A picture of {@link ImageDecoder#MAXIMUM_PIXELS} takes one or two. */
    static final long NANOS = 20_000_000_000L;

    /** The clock takes as long as some hundred pixels. */
    private static final int LINES_BETWEEN = 32;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final ImageReader reader;
    private final long nanos;
    private final long end;
    private int lines;
    private boolean exceeded;

    /** @param nanos that the calling thread may spend from now on */
    DecodeBudget(ImageReader reader, long nanos) {
        this.reader = reader;
        this.nanos = nanos;
        this.end = THREADS.getCurrentThreadCpuTime() + nanos;
        reader.addIIOReadProgressListener(this);
    }

    /** @throws BadImageException when the decoder was stopped */
    void require() throws BadImageException {
        if (exceeded) {
            throw new BadImageException(
                    "decoding it took more than %d s of a processor's time".formatted(nanos / 1_000_000_000));
        }
    }

    @Override
    public void imageProgress(ImageReader source, float percentageDone) {
        if (++lines % LINES_BETWEEN == 0 && THREADS.getCurrentThreadCpuTime() > end) {
            exceeded = true;
            reader.abort();
        }
    }

    @Override
    public void sequenceStarted(ImageReader source, int minIndex) {
        // Nothing to do.
    }

    @Override
    public void sequenceComplete(ImageReader source) {
        // Nothing to do.
    }

    @Override
    public void imageStarted(ImageReader source, int imageIndex) {
        // Nothing to do.
    }

    @Override
    public void imageComplete(ImageReader source) {
        // Nothing to do.
    }

    @Override
    public void thumbnailStarted(ImageReader source, int imageIndex, int thumbnailIndex) {
        // Nothing to do.
    }

    @Override
    public void thumbnailProgress(ImageReader source, float percentageDone) {
        // Nothing to do.
    }

    @Override
    public void thumbnailComplete(ImageReader source) {
        // Nothing to do.
    }

    @Override
    public void readAborted(ImageReader source) {
        // Nothing to do.
    }
}
