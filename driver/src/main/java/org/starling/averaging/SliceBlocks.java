package org.starling.averaging;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.storage.BlockData;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.ByteBufferBlockData;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.io.ChunkedByteBuffer;
import org.starling.model.Slice;
import scala.Option;

/**
 * An executor's cached partitions: their slices one after the other as they are. Spark would serialize what it caches, and copy it once more whenever it is
 * read.
 */
final class SliceBlocks {
    private SliceBlocks() {}

    /**
     * The slices of a block from this executor, or from another one that has it. Nobody changes them.
     *
     * @return null where no executor has it
     */
    static Iterator<byte[]> get(BlockId block, TaskContext task) {
        BlockManager blocks = SparkEnv.get().blockManager();
        Option<BlockData> local = blocks.getLocalBytes(block);
        if (local.isEmpty()) {
            return fetch(block);
        }
        try {
            return slices(local.get());
        } finally {
            // Arrays that are in use stay, whoever removes the block.
            blocks.releaseLock(block, Option.apply(task));
        }
    }

    /**
     * The slices of a block from another executor that has it.
     *
     * @return null where none has
     */
    static Iterator<byte[]> fetch(BlockId block) {
        Option<ChunkedByteBuffer> bytes = SparkEnv.get().blockManager().getRemoteBytes(block);
        return bytes.isDefined() ? new Reader(bytes.get().toInputStream(true)) : null;
    }

    /** Caches slices, which nobody changes from now on. */
    static void put(BlockId block, List<byte[]> slices, StorageLevel level) {
        ByteBuffer[] chunks = slices.stream().map(ByteBuffer::wrap).toArray(ByteBuffer[]::new);
        SparkEnv.get().blockManager().putBytes(block, new ChunkedByteBuffer(chunks), level, true, SliceRDD.BYTES);
    }

    /** What was put here is in the very arrays; what Spark has brought, or has had on disk, is cut otherwise. */
    private static Iterator<byte[]> slices(BlockData data) {
        if (data instanceof ByteBufferBlockData memory) {
            ByteBuffer[] chunks = memory.buffer().getChunks();
            if (Arrays.stream(chunks).allMatch(SliceBlocks::isSlice)) {
                return Stream.of(chunks).map(ByteBuffer::array).iterator();
            }
        }
        return new Reader(data.toInputStream());
    }

    private static boolean isSlice(ByteBuffer chunk) {
        return chunk.hasArray() && chunk.array().length == chunk.limit() && new Slice(chunk.array()).isWhole();
    }

    /** Slices from a stream, each read when it is asked for. */
    private static final class Reader implements Iterator<byte[]> {
        private final InputStream in;
        private Slice next;

        Reader(InputStream in) {
            this.in = in;
            advance();
        }

        private void advance() {
            try {
                next = Slice.read(in);
                if (next == null) {
                    in.close();
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public boolean hasNext() {
            return next != null;
        }

        @Override
        public byte[] next() {
            if (next == null) {
                throw new NoSuchElementException();
            }
            byte[] bytes = next.bytes();
            advance();
            return bytes;
        }
    }
}
