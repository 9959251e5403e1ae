package org.starling.averaging;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.network.buffer.ManagedBuffer;
import org.apache.spark.network.shuffle.BlockFetchingListener;
import org.apache.spark.storage.BlockData;
import org.apache.spark.storage.BlockId;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.BlockManagerId;
import org.apache.spark.storage.ByteBufferBlockData;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.io.ChunkedByteBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.starling.Undeclared;
import org.starling.model.Slice;
import scala.Option;
import scala.collection.JavaConverters;

/**
 * An executor's cached partitions: their slices one after the other as they are. Spark would serialize what it caches, and copy it once more whenever it is
 * read.
 */
final class SliceBlocks {
    private static final Logger LOG = LoggerFactory.getLogger(SliceBlocks.class);

    private SliceBlocks() {}

    /** Whether this executor has a block. */
    static boolean isHere(BlockId block) {
        return SparkEnv.get().blockManager().getStatus(block).isDefined();
    }

    /**
     * The slices of a block that this executor has. Nobody changes them.
     *
     * @return null where it has none
     */
    static Iterator<byte[]> local(BlockId block, TaskContext task) {
        BlockManager blocks = SparkEnv.get().blockManager();
        Option<BlockData> local = blocks.getLocalBytes(block);
        if (local.isEmpty()) {
            return null;
        }
        try {
            return slices(local.get());
        } finally {
            // Arrays that are in use stay, whoever removes the block.
            blocks.releaseLock(block, Option.apply(task));
        }
    }

    /**
     * Begins to fetch a block from the executors that have it, those of this host first, another when one fails.
     *
     * @param known executors that had it when the driver was last asked; it is asked again where none of them has
     * @return its slices in time, null where none has it
     */
    static CompletableFuture<List<byte[]>> fetch(BlockId block, List<BlockManagerId> known) {
        CompletableFuture<List<byte[]>> result = new CompletableFuture<>();
        Stream<BlockManagerId> asked =
                Stream.of(block).flatMap(b -> nearestFirst(locations(b)).filter(holder -> !known.contains(holder)));
        fetch(block, Stream.concat(nearestFirst(known), asked).iterator(), result);
        return result;
    }

    private static List<BlockManagerId> locations(BlockId block) {
        return JavaConverters.seqAsJavaList(
                SparkEnv.get().blockManager().master().getLocations(block));
    }

    private static Stream<BlockManagerId> nearestFirst(List<BlockManagerId> holders) {
        BlockManagerId here = SparkEnv.get().blockManager().blockManagerId();
        return holders.stream()
                .filter(holder -> !holder.equals(here))
                .sorted(Comparator.comparing(holder -> !holder.host().equals(here.host())));
    }

    /** Nothing may be thrown where it would be lost, in a thread of the network, and its reader wait for ever. */
    private static void fetch(BlockId block, Iterator<BlockManagerId> holders, CompletableFuture<List<byte[]>> result) {
        try {
            if (holders.hasNext()) {
                fetchFrom(holders.next(), block, result, () -> fetch(block, holders, result));
            } else {
                result.complete(null);
            }
        } catch (Throwable e) {
            result.completeExceptionally(e);
        }
    }

    private static void fetchFrom(
            BlockManagerId holder, BlockId block, CompletableFuture<List<byte[]>> result, Runnable otherwise) {
        SliceReceiver receiver = new SliceReceiver();
        BlockFetchingListener listener = new BlockFetchingListener() {
            @Override
            public void onBlockFetchSuccess(String name, ManagedBuffer nothing) {
                result.complete(receiver.slices());
            }

            @Override
            public void onBlockFetchFailure(String name, Throwable failure) {
                LOG.warn("{} could not be fetched from {}: {}", name, holder, failure.toString());
                otherwise.run();
            }
        };
        SparkEnv.get()
                .blockManager()
                .blockTransferService()
                .fetchBlocks(
                        holder.host(),
                        holder.port(),
                        holder.executorId(),
                        new String[] {block.toString()},
                        listener,
                        receiver);
    }

    /** What a fetch has brought; waits for it. */
    static List<byte[]> join(CompletableFuture<List<byte[]>> fetch) {
        try {
            return fetch.get();
        } catch (InterruptedException e) {
            throw Undeclared.thrown(e);
        } catch (ExecutionException e) {
            throw Undeclared.thrown(e.getCause());
        }
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
