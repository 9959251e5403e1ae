package org.starling.averaging;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.network.buffer.ManagedBuffer;
import org.apache.spark.network.buffer.NioManagedBuffer;
import org.apache.spark.network.shuffle.DownloadFile;
import org.apache.spark.network.shuffle.DownloadFileManager;
import org.apache.spark.network.shuffle.DownloadFileWritableChannel;
import org.apache.spark.network.util.TransportConf;
import org.starling.model.Slice;

/**
 * Takes a block of slices from the network piece by piece, each slice into an array of its own. Spark offers this to those who write a block into a
 * file; otherwise it would hold the whole block outside the heap first, and copy it into one array.
 */
final class SliceReceiver implements DownloadFileManager {
    private volatile List<byte[]> received;

    /** The block's slices, once it has arrived. */
    List<byte[]> slices() {
        return received;
    }

    /** Spark tries again when a connection breaks. */
    @Override
    public DownloadFile createTempFile(TransportConf settings) {
        return new Attempt();
    }

    @Override
    public boolean registerTempFileToClean(DownloadFile file) {
        return true;
    }

    private final class Attempt implements DownloadFile, DownloadFileWritableChannel {
        private final List<byte[]> slices = new ArrayList<>();
        private final byte[] header = new byte[Slice.HEADER];
        private byte[] current = header;
        private int done;

        @Override
        public DownloadFileWritableChannel openForWriting() {
            return this;
        }

        @Override
        public int write(ByteBuffer piece) throws IOException {
            int length = piece.remaining();
            while (piece.hasRemaining()) {
                int n = Math.min(piece.remaining(), current.length - done);
                piece.get(current, done, n);
                done += n;
                if (done == current.length && current == header) {
                    current = Slice.withHeader(header);
                }
                if (done == current.length) {
                    slices.add(current);
                    current = header;
                    done = 0;
                }
            }
            return length;
        }

        @Override
        public ManagedBuffer closeAndRead() throws IOException {
            if (done > 0) {
                throw new IOException("a block of slices ends within one of them");
            }
            received = slices;
            return new NioManagedBuffer(ByteBuffer.allocate(0));
        }

        @Override
        public String path() {
            return "memory";
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}

        @Override
        public boolean delete() {
            return true;
        }
    }
}
