package org.starling.checkpoint;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.starling.ChecksummedJson;
import org.starling.ChecksummedJson.DefectException;
import org.starling.PrintableText;
import org.starling.checkpoint.CoefficientsFormat.MalformedException;

/**
 * A {@link Checkpoint} as the file {@code manifest.json}. From version 2 it ends with its own checksum, see {@link ChecksummedJson}.
 */
final class Manifest {
    static final String NAME = "manifest.json";

    /** Thousands of parts are some hundred kilobytes. */
    private static final int LARGEST = 16 << 20;

    /** A part's name: its partition and the attempt that wrote it. It names a file in the folder, never another place. */
    private static final Pattern PART = Pattern.compile("part-\\d{5,}-\\d+");

    /** Of names that stand in it. */
    private static final int SHOWN_OF_NAME = 80;

    private static final int FIRST_WITH_CHECKSUM = 2;

    private Manifest() {}

    static String partName(int partition, long attempt) {
        return String.format("part-%05d-%d", partition, attempt);
    }

    static boolean isPart(String name) {
        return PART.matcher(name).matches();
    }

    static void write(FileSystem fs, Path file, Checkpoint checkpoint) throws IOException {
        try (OutputStream out = fs.create(file, false)) {
            out.write(bytes(checkpoint));
        }
    }

    static byte[] bytes(Checkpoint checkpoint) {
        return ChecksummedJson.write(checkpoint);
    }

    /** @throws MalformedException with the defect, when the bytes are no manifest of a version that this Starling reads */
    static Checkpoint read(FileSystem fs, Path file) throws IOException {
        try (InputStream in = fs.open(file)) {
            return parse(in.readNBytes(LARGEST));
        }
    }

    static Checkpoint parse(byte[] bytes) throws IOException {
        try {
            ChecksummedJson json = ChecksummedJson.read(bytes);
            int version = json.field("formatVersion").asInt(-1);
            if (version < 1 || version > Checkpoint.FORMAT_VERSION) {
                throw new MalformedException("its " + NAME + " has format version "
                        + PrintableText.excerpt(json.field("formatVersion").asText("(none)"), SHOWN_OF_NAME)
                        + ", and this Starling reads versions 1 to " + Checkpoint.FORMAT_VERSION);
            }
            if (version >= FIRST_WITH_CHECKSUM || json.hasChecksum()) {
                json.requireChecksum();
            }
            return requireComplete(json.as(Checkpoint.class));
        } catch (DefectException e) {
            throw new MalformedException("its " + NAME + " " + e.getMessage());
        }
    }

    /** What version 1, which has no checksum, could lack, and what no file may make us believe. */
    private static Checkpoint requireComplete(Checkpoint c) throws MalformedException {
        if (c.starlingVersion() == null || c.identity() == null || c.settings() == null || c.progress() == null) {
            throw new MalformedException("its " + NAME + " is damaged: a field is missing");
        }
        if (c.parts() == null || c.parts().isEmpty() || c.parts().size() != c.replicas()) {
            throw new MalformedException("its " + NAME + " is damaged: it names "
                    + (c.parts() == null ? 0 : c.parts().size()) + " parts for " + c.replicas() + " replicas");
        }
        if (c.round() < 0
                || c.epoch() < 0
                || c.step() < 0
                || !isVectorLength(c.parameters())
                || !isSliceLength(c.sliceLength())) {
            throw new MalformedException("its " + NAME + " is damaged: a number is out of its range");
        }
        Set<String> names = new HashSet<>();
        for (Checkpoint.Part part : c.parts()) {
            if (part == null || part.name() == null || !isPart(part.name()) || !names.add(part.name())) {
                throw new MalformedException(
                        "its " + NAME + " is damaged: it names a part " + (part == null ? null : shown(part.name())));
            }
        }
        return c;
    }

    private static String shown(String name) {
        return name == null ? null : PrintableText.excerpt(name, SHOWN_OF_NAME);
    }

    private static boolean isVectorLength(long length) {
        return length > 0 && length <= Integer.MAX_VALUE;
    }

    private static boolean isSliceLength(int length) {
        return length > 0 && length <= Integer.MAX_VALUE / Float.BYTES;
    }
}
