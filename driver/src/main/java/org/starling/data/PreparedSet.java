package org.starling.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.starling.ChecksummedJson;
import org.starling.ChecksummedJson.DefectException;
import org.starling.InputException;

/**
 * A prepared image set: its manifest, which is written when all else is. The folder has a folder for each split with the shards in it,
 * {@code train/shard-00000.parquet} and so on, and {@code quarantine.jsonl} where there are images that could not be read.
 *
 * @param formatVersion of manifest and shards
 * @param starlingVersion that wrote them
 * @param source where the images came from
 * @param classes names by label
 * @param namesClasses whether the source named them; if not they are numbers
 * @param shortSide to which larger pictures were scaled; 0 where they stay as they came
 * @param quality of the JPEG files written
 * @param seed of splits and order
 * @param colours of the training images as they are stored
 * @param splits by name, {@link #TRAIN} always among them
 * @param badImages in the quarantine
 */
public record PreparedSet(
        int formatVersion,
        String starlingVersion,
        String source,
        List<String> classes,
        boolean namesClasses,
        int shortSide,
        double quality,
        long seed,
        ColourStatistics colours,
        SortedMap<String, Split> splits,
        long badImages) {
    /** The manifest's name in the set's folder. */
    static final String NAME = "manifest.json";

    static final String QUARANTINE = "quarantine.jsonl";
    /** The split that is trained on; a folder. */
    public static final String TRAIN = "train";

    static final String VALIDATION = "validation";

    private static final Set<String> SPLITS = Set.of(TRAIN, VALIDATION);

    static final int FORMAT_VERSION = 2;

    /** A shard of 2,048 images takes some 200 bytes: many million images. */
    private static final int LARGEST = 64 << 20;

    private static final Pattern SHARD = Pattern.compile("shard-\\d{5,}\\.parquet");

    /**
     * Part of the images.
     *
     * @param images in all shards
     * @param classCounts images of each class
     * @param shards in their order
     */
    public record Split(long images, long[] classCounts, List<Shard> shards) {}

    /**
     * A Parquet file of images.
     *
     * @param name in the split's folder
     * @param images in it
     * @param length bytes
     * @param crc32c of all its bytes
     * @param blocks images of each row group
     */
    public record Shard(String name, int images, long length, long crc32c, List<Integer> blocks)
            implements Serializable {
        static String name(int number) {
            return String.format("shard-%05d.parquet", number);
        }
    }

    static boolean isIn(FileSystem fs, Path folder) throws IOException {
        return fs.exists(new Path(folder, NAME));
    }

    /**
     * Reads a manifest.
     *
     * @throws InputException with the defect when it cannot be used
     */
    static PreparedSet read(FileSystem fs, Path folder) {
        Path file = new Path(folder, NAME);
        try (InputStream in = fs.open(file)) {
            ChecksummedJson json = ChecksummedJson.read(in.readNBytes(LARGEST));
            int version = json.field("formatVersion").asInt(-1);
            if (!json.field("splits").isObject() || version != FORMAT_VERSION) {
                throw new DefectException("is no manifest of a prepared image set of format version " + FORMAT_VERSION);
            }
            json.requireChecksum();
            PreparedSet set = json.as(PreparedSet.class);
            set.requirePlausible();
            return set;
        } catch (DefectException e) {
            throw new InputException(file + " " + e.getMessage() + ". Prepare the set again, into another folder.", e);
        } catch (IOException e) {
            throw new InputException(file + " cannot be read: " + SourceFiles.reason(e) + ".", e);
        }
    }

    private static boolean addUp(Shard shard) {
        if (shard.blocks() == null) {
            return false;
        }
        long sum = 0;
        for (Integer block : shard.blocks()) {
            if (block == null || block < 0) {
                return false;
            }
            sum += block;
        }
        return sum == shard.images();
    }

    /** What no file may make us believe: a shard's name names a file of its folder, never another place. */
    private void requirePlausible() throws DefectException {
        if (classes == null || classes.isEmpty() || colours == null || splits == null || !splits.containsKey(TRAIN)) {
            throw new DefectException("is damaged: a field is missing");
        }
        for (Map.Entry<String, Split> entry : splits.entrySet()) {
            Split split = entry.getValue();
            if (!SPLITS.contains(entry.getKey())
                    || split == null
                    || split.shards() == null
                    || split.shards().isEmpty()) {
                throw new DefectException("is damaged: it has a split " + entry.getKey());
            }
            if (split.classCounts() == null || split.classCounts().length != classes.size()) {
                throw new DefectException("is damaged: it counts other classes than its " + classes.size());
            }
            for (Shard shard : split.shards()) {
                if (shard == null
                        || shard.name() == null
                        || !SHARD.matcher(shard.name()).matches()
                        || shard.images() < 0
                        || !addUp(shard)
                        || shard.length() < 0) {
                    throw new DefectException("is damaged: it names a shard " + (shard == null ? null : shard.name()));
                }
            }
        }
    }
}
