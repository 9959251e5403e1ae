package org.starling.checkpoint;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** A zip whose headers say whatever they are told. */
public final class HostileZip {
    private static final int LOCAL = 0x04034b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int STORED = 0;
    private static final int DEFLATED = 8;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
    private int entries;

    /** An entry as it should be, stored. */
    public HostileZip stored(String name, byte[] content) {
        return entry(name, STORED, 0, checksum(content), content.length, content.length, new byte[0], content);
    }

    /** An entry that says 100 GB, by the extension for large files. */
    HostileZip storedSaying100Gigabytes(String name, byte[] content) {
        byte[] sizes = ByteBuffer.allocate(20)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) 1)
                .putShort((short) 16)
                .putLong(100_000_000_000L)
                .putLong(100_000_000_000L)
                .array();
        return entry(name, STORED, 0, checksum(content), -1, -1, sizes, content);
    }

    /** So many zeros, deflated: a thousandth of them. */
    HostileZip zeros(String name, byte[] start, long zeros) throws java.io.IOException {
        ByteArrayOutputStream deflated = new ByteArrayOutputStream();
        CRC32 crc = new CRC32();
        crc.update(start);
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        try (DeflaterOutputStream out = new DeflaterOutputStream(deflated, deflater)) {
            out.write(start);
            byte[] block = new byte[1 << 20];
            for (long left = zeros; left > 0; left -= block.length) {
                int n = (int) Math.min(block.length, left);
                out.write(block, 0, n);
                crc.update(block, 0, n);
            }
        }
        deflater.end();
        return entry(
                name,
                DEFLATED,
                0,
                crc.getValue(),
                deflated.size(),
                (int) (start.length + zeros),
                new byte[0],
                deflated.toByteArray());
    }

    /** @param flags bit 0 says that it is encrypted */
    HostileZip entry(
            String name, int method, int flags, long crc, int compressed, int size, byte[] extra, byte[] data) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer common = ByteBuffer.allocate(26).order(ByteOrder.LITTLE_ENDIAN);
        common.putShort((short) 45)
                .putShort((short) flags)
                .putShort((short) method)
                .putInt(0x21_0000);
        common.putInt((int) crc).putInt(compressed).putInt(size);
        common.putShort((short) text.length).putShort((short) extra.length);
        int offset = bytes.size();
        write(bytes, ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(LOCAL));
        write(bytes, common);
        bytes.writeBytes(text);
        bytes.writeBytes(extra);
        bytes.writeBytes(data);
        write(
                directory,
                ByteBuffer.allocate(6)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(CENTRAL)
                        .putShort((short) 45));
        write(directory, common);
        write(
                directory,
                ByteBuffer.allocate(14)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(0)
                        .putShort((short) 0)
                        .putInt(offset));
        directory.writeBytes(text);
        directory.writeBytes(extra);
        entries++;
        return this;
    }

    /** The zip, its directory as it should be. */
    public byte[] bytes() {
        return bytes(directory.size(), bytes.size());
    }

    /** The zip with a directory that says it is of this size and at this place. */
    byte[] bytes(int directorySize, int directoryOffset) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(bytes.toByteArray());
        all.writeBytes(directory.toByteArray());
        write(
                all,
                ByteBuffer.allocate(22)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(END)
                        .putInt(0)
                        .putShort((short) entries)
                        .putShort((short) entries)
                        .putInt(directorySize)
                        .putInt(directoryOffset)
                        .putShort((short) 0));
        return all.toByteArray();
    }

    private static void write(ByteArrayOutputStream out, ByteBuffer buffer) {
        out.writeBytes(buffer.array());
    }

    private static long checksum(byte[] content) {
        CRC32 crc = new CRC32();
        crc.update(content);
        return crc.getValue();
    }
}
