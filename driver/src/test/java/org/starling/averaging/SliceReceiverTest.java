package org.starling.averaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.apache.spark.network.shuffle.DownloadFileWritableChannel;
import org.junit.jupiter.api.Test;
import org.starling.model.Slice;

class SliceReceiverTest {
    private static final List<Slice> SLICES = List.of(
            Slice.of(0, 1, Slice.SHARED, new float[] {1, 2, 3, 4, 5}, 5),
            Slice.zero(0, 3, Slice.SHARED, 0),
            Slice.ofBytes(-1, 0, 2, new byte[] {7, 8, 9}));

    private static byte[] block() throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        for (Slice slice : SLICES) {
            block.write(slice.bytes());
        }
        return block.toByteArray();
    }

    private static void send(DownloadFileWritableChannel channel, byte[] block, int from, int to, int piece)
            throws IOException {
        for (int at = from; at < to; at += piece) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(Math.min(piece, to - at));
            bytes.put(block, at, bytes.capacity()).flip();
            int n = bytes.remaining();
            assertEquals(n, channel.write(bytes));
            assertEquals(0, bytes.remaining());
        }
    }

    private static void requireAll(SliceReceiver receiver) {
        assertEquals(SLICES.size(), receiver.slices().size());
        for (int s = 0; s < SLICES.size(); s++) {
            assertArrayEquals(SLICES.get(s).bytes(), receiver.slices().get(s));
        }
    }

    @Test
    void piecesOfAnyLengthMakeTheSameSlices() throws IOException {
        byte[] block = block();
        for (int piece = 1; piece <= block.length; piece++) {
            SliceReceiver receiver = new SliceReceiver();
            DownloadFileWritableChannel channel = receiver.createTempFile(null).openForWriting();
            send(channel, block, 0, block.length, piece);
            assertNull(receiver.slices(), "before the end");
            assertEquals(0, channel.closeAndRead().size());
            requireAll(receiver);
        }
    }

    @Test
    void anEmptyBlockHasNoSlices() throws IOException {
        SliceReceiver receiver = new SliceReceiver();
        receiver.createTempFile(null).openForWriting().closeAndRead();
        assertTrue(receiver.slices().isEmpty());
    }

    /** As when a connection breaks in the middle. */
    @Test
    void anotherAttemptBeginsAnew() throws IOException {
        byte[] block = block();
        SliceReceiver receiver = new SliceReceiver();
        send(receiver.createTempFile(null).openForWriting(), block, 0, 45, 45);
        DownloadFileWritableChannel second = receiver.createTempFile(null).openForWriting();
        send(second, block, 0, block.length, 10);
        second.closeAndRead();
        requireAll(receiver);
    }

    @Test
    void whatEndsWithinASliceIsRefused() throws IOException {
        byte[] block = block();
        for (int end : new int[] {1, Slice.HEADER, Slice.HEADER + 3, block.length - 1}) {
            SliceReceiver receiver = new SliceReceiver();
            DownloadFileWritableChannel channel = receiver.createTempFile(null).openForWriting();
            send(channel, block, 0, end, end);
            assertThrows(IOException.class, channel::closeAndRead);
            assertNull(receiver.slices());
        }
    }

    @Test
    void aHeaderThatIsNoneIsRefused() throws IOException {
        byte[] header = Slice.zero(0, 0, 0, 0).bytes();
        ByteBuffer.wrap(header).putInt(Slice.HEADER - Integer.BYTES, -5);
        DownloadFileWritableChannel channel =
                new SliceReceiver().createTempFile(null).openForWriting();
        assertThrows(IOException.class, () -> channel.write(ByteBuffer.wrap(header)));
    }
}
