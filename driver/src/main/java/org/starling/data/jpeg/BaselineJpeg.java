package org.starling.data.jpeg;

import java.util.Arrays;
import java.util.Optional;
import org.starling.data.jpeg.JpegFrame.Component;
import org.starling.kernels.KernelProvider;
import org.starling.kernels.jpeg.JpegKernel;

/**
 * A file of the common kind: grey, or YCbCr whose chroma has all or half of the luma's columns, and all or half of its rows. Samples are those
 * of libjpeg with its default settings, whatever the kernels; chroma between two samples is interpolated.
 */
public final class BaselineJpeg {
    private static final int END = 0xD9;
    private static final int FIRST_RESTART = 0xD0;
    private static final int RESTARTS = 8;

    /** Of a block: a code for its mean, and one for its end. */
    private static final int FEWEST_BITS = 2;

    private final byte[] file;
    private final JpegFrame frame;

    private BaselineJpeg(byte[] file, JpegFrame frame) {
        this.file = file;
        this.frame = frame;
    }

    /**
     * Reads the header; nothing is allocated for what it claims.
     *
     * @return empty when the file is of another kind or damaged, as far as can be seen
     */
    public static Optional<BaselineJpeg> of(byte[] file) {
        try {
            return Optional.of(new BaselineJpeg(file, new JpegFrame(file)));
        } catch (UnsupportedJpegException e) {
            return Optional.empty();
        }
    }

    /** Columns of the picture. */
    public int width() {
        return frame.width();
    }

    /** Rows of the picture. */
    public int height() {
        return frame.height();
    }

    /** 1 grey, 3 red, green and blue. */
    public int channels() {
        return frame.components().length;
    }

    /**
     * The picture.
     *
     * @return {@code [height, width, channels]}; empty when the data are damaged, or go on where they should end
     */
    public Optional<byte[]> decode() {
        try {
            return Optional.of(new Scan().decode());
        } catch (UnsupportedJpegException e) {
            return Optional.empty();
        }
    }

    /** One pass over the data. */
    private final class Scan {
        private final JpegKernel kernel = KernelProvider.get().jpegKernel();
        private final EntropyReader reader = new EntropyReader(file, frame.dataStart());
        private final Component[] components = frame.components();
        private final int unitWidth = components[0].columns() * JpegKernel.SIDE;
        private final int unitHeight = components[0].rows() * JpegKernel.SIDE;
        private final int columns = (frame.width() + unitWidth - 1) / unitWidth;
        private final int rows = (frame.height() + unitHeight - 1) / unitHeight;
        private final SampleRows[] samples = new SampleRows[components.length];

        /** Of each component's block before, as they are in the file. */
        private final int[][] means = new int[components.length][1];

        private final int[] block = new int[JpegKernel.BLOCK];
        private final int[] between = new int[JpegKernel.BLOCK];
        private final int[] pairs = new int[JpegKernel.BLOCK / 2];
        private int units;
        private int restarts;

        byte[] decode() throws UnsupportedJpegException {
            requirePlausible();
            for (int c = 0; c < components.length; c++) {
                samples[c] = new SampleRows(components[c], columns, c == 0 || components[0].columns() == 1);
            }
            PixelRows pixels = new PixelRows(frame, samples, kernel);
            for (int row = 0; row < rows; row++) {
                for (int column = 0; column < columns; column++) {
                    restartWhereDue();
                    for (int c = 0; c < components.length; c++) {
                        readUnit(c, row, column);
                    }
                }
                // Not at the end only: a short file that claims to be large is given up soon.
                reader.requireEnough();
                pixels.writeUntil(row + 1 == rows ? frame.height() : (row + 1) * unitHeight - 1);
            }
            reader.endAt(END);
            return pixels.values();
        }

        /** Before memory is taken for the picture, and all of it is decoded in vain. */
        private void requirePlausible() throws UnsupportedJpegException {
            long blocks = 0;
            for (Component component : components) {
                blocks += (long) columns * rows * component.columns() * component.rows();
            }
            boolean onePart = frame.restartInterval() == 0;
            long bytes = onePart ? reader.partLength() : file.length - frame.dataStart();
            if (blocks * FEWEST_BITS > bytes * Byte.SIZE
                    || blocks * JpegKernel.BLOCK > Integer.MAX_VALUE / 2
                    || onePart && !reader.isFollowedBy(END)) {
                throw new UnsupportedJpegException();
            }
        }

        /** Comes before each unit. */
        private void restartWhereDue() throws UnsupportedJpegException {
            if (frame.restartInterval() > 0 && units > 0 && units % frame.restartInterval() == 0) {
                reader.goOnAfter(FIRST_RESTART + restarts++ % RESTARTS);
                for (int[] mean : means) {
                    mean[0] = 0;
                }
            }
            units++;
        }

        private void readUnit(int c, int row, int column) throws UnsupportedJpegException {
            Component component = components[c];
            SampleRows to = samples[c];
            for (int y = 0; y < component.rows(); y++) {
                for (int x = 0; x < component.columns(); x++) {
                    boolean varied =
                            reader.block(component.dc(), component.ac(), component.quantization(), means[c], block);
                    int blockRow = row * component.rows() + y;
                    int blockColumn = column * component.columns() + x;
                    if (varied) {
                        kernel.inverseTransform(block, between, pairs);
                        to.put(blockRow, blockColumn, pairs);
                        Arrays.fill(block, 0);
                    } else {
                        to.fill(blockRow, blockColumn, JpegKernel.flat(block[0]));
                    }
                }
            }
        }
    }
}
