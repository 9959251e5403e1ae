package org.starling.jobs.bench.averaging;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class WrittenBytesTest {
    private static final int BYTES = 1 << 16;

    @Test
    void writesToAnNioSocketCount() throws Exception {
        assumeTrue(Files.isReadable(Path.of("/proc/self/io")), "only Linux says what a process has written");
        InetSocketAddress loopback = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(loopback);
                SocketChannel sender = SocketChannel.open(server.getLocalAddress());
                SocketChannel receiver = server.accept()) {
            long before = WrittenBytes.soFar();
            ByteBuffer sent = ByteBuffer.allocate(BYTES);
            ByteBuffer received = ByteBuffer.allocate(BYTES);
            while (received.hasRemaining()) {
                if (sent.hasRemaining()) {
                    sender.write(sent.slice(sent.position(), Math.min(1024, sent.remaining())));
                    sent.position(sent.position() + Math.min(1024, sent.remaining()));
                }
                receiver.read(received);
            }
            long written = WrittenBytes.soFar() - before;
            assertTrue(written >= BYTES, written + " bytes");
        }
    }
}
