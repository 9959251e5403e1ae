package org.starling.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.ChecksummedJson;
import org.starling.ChecksummedJson.DefectException;
import org.starling.InputException;
import org.starling.Version;
import org.starling.data.PreparationPlan.PlannedShard;

/**
 * Turns a source into a {@link PreparedSet}, a task a shard. What is finished is noted in the folder {@code _work} of the set, and is not done
 * again by a run that goes on; the manifest comes last. A set has the same bytes however often it was interrupted.
 */
public final class Preparation {
    private static final String WORK = "_work";
    private static final String PLAN = "plan.json";

    /** Ends the names of notes on shards. */
    private static final String NOTE = ".note";

    private static final int LARGEST_PART = 64 << 20;
    private static final long PROGRESS_SECONDS = 2;
    private static final int BAD_IMAGES_SHOWN = 3;

    private final ImageSource source;
    private final PreparationSettings settings;
    private final Path folder;

    /** @param folder of the set, fully qualified: one that does not exist, or the one of a run that did not end */
    public Preparation(ImageSource source, PreparationSettings settings, String folder) {
        this.source = source;
        this.settings = settings;
        this.folder = new Path(folder);
    }

    /**
     * How far it is.
     *
     * @param shards that are finished
     * @param of how many
     */
    public record Progress(int shards, int of) {}

    /** What a folder under way belongs to. */
    private record Plan(String digest) {}

    /**
     * What is known of a shard that is finished.
     *
     * @param file the shard's place in the folder
     * @param attempt its name in the folder of work, until it gets there
     */
    private record Part(
            String file,
            String attempt,
            PreparedSet.Shard shard,
            long[] classCounts,
            ColourSums colours,
            List<BadImage> bad) {}

    /**
     * Prepares, or goes on.
     *
     * @param progress told every few seconds
     * @throws InputException when the folder holds something else, or too many images cannot be read
     */
    public PreparedSet run(JavaSparkContext spark, Consumer<Progress> progress) {
        try {
            FileSystem fs = folder.getFileSystem(spark.hadoopConfiguration());
            List<? extends NamedImage> images = source.images(spark);
            requireEveryClass(images.stream().mapToInt(NamedImage::label), "images");
            PreparationPlan plan = PreparationPlan.of(images, source, settings);
            if (PreparedSet.isIn(fs, folder)) {
                return finished(fs, plan);
            }
            begin(fs, plan);
            Map<String, Part> parts = parts(fs);
            List<PlannedShard> missing = plan.shards().stream()
                    .filter(shard -> !parts.containsKey(shard.file()))
                    .toList();
            int all = plan.shards().size();
            progress.accept(new Progress(all - missing.size(), all));
            if (!missing.isEmpty()) {
                write(spark, missing, all - missing.size(), all, progress);
            }
            return finish(fs, plan, missing.isEmpty() ? parts : parts(fs));
        } catch (IOException e) {
            throw new InputException(
                    folder + " cannot be written: " + SourceFiles.reason(e) + ". Run the same command again to go on.",
                    e);
        }
    }

    private Path work(String name) {
        return new Path(folder, new Path(WORK, name));
    }

    /** A run that ended when all but its own traces was done is ended well. */
    private PreparedSet finished(FileSystem fs, PreparationPlan plan) throws IOException {
        if (!isOf(fs, plan)) {
            throw new InputException(
                    folder + " holds a prepared set already, and it was not changed. Name another folder.");
        }
        PreparedSet set = PreparedSet.read(fs, folder);
        fs.delete(new Path(folder, WORK), true);
        return set;
    }

    /** Whether the folder is under way for this plan. */
    private boolean isOf(FileSystem fs, PreparationPlan plan) throws IOException {
        return read(fs, work(PLAN), Plan.class)
                .filter(begun -> begun.digest().equals(plan.digest()))
                .isPresent();
    }

    /** Takes the folder, unless it is another's. */
    private void begin(FileSystem fs, PreparationPlan plan) throws IOException {
        if (isOf(fs, plan)) {
            return;
        }
        if (fs.exists(work(PLAN))) {
            throw new InputException(
                    folder
                            + " was begun with other settings, another version of Starling or other images. Give the same to go on, or name another folder.");
        }
        if (fs.exists(folder) && !isBarelyBegun(fs)) {
            throw new InputException(
                    folder + " exists and holds something else, which was not changed. Name a folder that"
                            + " does not exist.");
        }
        write(fs, work(PLAN), new Plan(plan.digest()));
    }

    /** Whether there is nothing, or what a run leaves that ended while it wrote its plan. */
    private boolean isBarelyBegun(FileSystem fs) throws IOException {
        for (FileStatus entry : fs.listStatus(folder)) {
            if (!entry.getPath().getName().equals(WORK) || !entry.isDirectory()) {
                return false;
            }
            for (FileStatus file : fs.listStatus(entry.getPath())) {
                if (!file.getPath().getName().startsWith(PLAN)) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * What is finished, by the shard's place in the folder. Every attempt has files of its own names, so none can harm another's; the bytes of all are
     * the same, and the first is taken.
     */
    private Map<String, Part> parts(FileSystem fs) throws IOException {
        Map<String, Part> parts = new TreeMap<>();
        FileStatus[] notes = fs.globStatus(work("*" + NOTE));
        Arrays.sort(notes, Comparator.comparing(FileStatus::getPath));
        for (FileStatus note : notes) {
            Optional<Part> part = read(fs, note.getPath(), Part.class);
            if (part.isPresent()
                    && (isWhole(fs, new Path(folder, part.get().file()), part.get())
                            || isWhole(fs, work(part.get().attempt()), part.get()))) {
                parts.putIfAbsent(part.get().file(), part.get());
            }
        }
        return parts;
    }

    private static boolean isWhole(FileSystem fs, Path file, Part part) throws IOException {
        try {
            return fs.getFileStatus(file).getLen() == part.shard().length();
        } catch (FileNotFoundException e) {
            return false;
        }
    }

    /** What a file of ours says; empty where there is none, or it was being written when the run ended. */
    private static <T> Optional<T> read(FileSystem fs, Path file, Class<T> type) throws IOException {
        try (InputStream in = fs.open(file)) {
            ChecksummedJson json = ChecksummedJson.read(in.readNBytes(LARGEST_PART));
            json.requireChecksum();
            return Optional.of(json.as(type));
        } catch (FileNotFoundException | DefectException | ChecksumException e) {
            return Optional.empty();
        }
    }

    /** Whole, or not under this name. */
    private static void write(FileSystem fs, Path file, Object content) throws IOException {
        Path unfinished = file.suffix("." + UUID.randomUUID());
        try (OutputStream out = fs.create(unfinished, false)) {
            out.write(ChecksummedJson.write(content));
        }
        rename(fs, unfinished, file);
    }

    private static void rename(FileSystem fs, Path from, Path to) throws IOException {
        if (!fs.rename(from, to)) {
            throw new IOException(from + " cannot be renamed to " + to);
        }
    }

    private void write(
            JavaSparkContext spark, List<PlannedShard> missing, int done, int all, Consumer<Progress> progress) {
        Broadcast<SerializableConfiguration> configuration =
                spark.broadcast(new SerializableConfiguration(spark.hadoopConfiguration()));
        int classes = source.classes().size();
        ImageEncoder encoder = new ImageEncoder(settings.shortSide(), settings.quality());
        Path target = folder;
        spark.sc().setJobDescription("prepare " + source.folder());
        try {
            List<List<String>> images =
                    missing.stream().map(PlannedShard::images).toList();
            // Names do not go with every task.
            List<PlannedShard> unnamed = missing.stream()
                    .map(shard -> new PlannedShard(shard.split(), shard.number(), List.of()))
                    .toList();
            JavaFutureAction<List<Integer>> shards = source.select(spark, images)
                    .mapPartitionsWithIndex(
                            (partition, records) -> {
                                new ShardTask(unnamed.get(partition), target, encoder, classes)
                                        .run(records, configuration.value().value());
                                return List.of(partition).iterator();
                            },
                            false)
                    .collectAsync();
            await(spark, shards, missing.size(), done, all, progress);
        } finally {
            spark.sc().setJobDescription(null);
            configuration.destroy();
        }
    }

    private static void await(
            JavaSparkContext spark,
            JavaFutureAction<List<Integer>> shards,
            int missing,
            int done,
            int all,
            Consumer<Progress> progress) {
        try {
            while (true) {
                try {
                    shards.get(PROGRESS_SECONDS, TimeUnit.SECONDS);
                    progress.accept(new Progress(all, all));
                    return;
                } catch (TimeoutException e) {
                    progress.accept(new Progress(done + finished(spark, shards, missing), all));
                }
            }
        } catch (InterruptedException e) {
            shards.cancel(true);
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (ExecutionException e) {
            throw InputException.within(e).orElseThrow(() -> new IllegalStateException(e.getCause()));
        }
    }

    /** Tasks of the last stage that have ended. */
    private static int finished(JavaSparkContext spark, JavaFutureAction<List<Integer>> shards, int tasks) {
        return shards.jobIds().stream()
                .map(job -> spark.statusTracker().getJobInfo(job))
                .filter(Objects::nonNull)
                .flatMapToInt(job -> Arrays.stream(job.stageIds()))
                .mapToObj(stage -> spark.statusTracker().getStageInfo(stage))
                .filter(stage -> stage != null && stage.numTasks() == tasks)
                .mapToInt(stage -> stage.numCompletedTasks())
                .min()
                .orElse(0);
    }

    /** Writes one shard, under a name of the attempt's, and notes it when it is whole. */
    private static final class ShardTask {
        private final PlannedShard shard;
        private final Path folder;
        private final ImageEncoder encoder;
        private final long[] classCounts;
        private final ColourSums colours = new ColourSums();
        private final List<BadImage> bad = new ArrayList<>();

        ShardTask(PlannedShard shard, Path folder, ImageEncoder encoder, int classes) {
            this.shard = shard;
            this.folder = folder;
            this.encoder = encoder;
            this.classCounts = new long[classes];
        }

        void run(Iterator<ImageRecord> images, Configuration configuration) throws IOException {
            FileSystem fs = folder.getFileSystem(configuration);
            // Not the attempt's number: two drivers' attempts may have the same.
            String attempt = shard.split() + "-" + shard.name() + "." + UUID.randomUUID();
            Path file = new Path(folder, new Path(WORK, attempt));
            write(images, file, configuration);
            PreparedSet.Shard written = ShardFile.describe(fs, file, shard.name());
            Preparation.write(
                    fs, file.suffix(NOTE), new Part(shard.file(), attempt, written, classCounts, colours, bad));
        }

        private void write(Iterator<ImageRecord> images, Path file, Configuration configuration) throws IOException {
            try (ShardFile.Writer writer = new ShardFile.Writer(file, configuration)) {
                while (images.hasNext()) {
                    ImageRecord image = images.next();
                    try {
                        ImageEncoder.Stored stored = encoder.encode(image);
                        writer.write(stored);
                        colours.add(stored.pixels());
                        classCounts[image.label()]++;
                    } catch (BadImageException e) {
                        bad.add(new BadImage(image.name(), e.getMessage()));
                    }
                }
            }
        }
    }

    private PreparedSet finish(FileSystem fs, PreparationPlan plan, Map<String, Part> finished) throws IOException {
        ColourSums colours = new ColourSums();
        List<BadImage> bad = new ArrayList<>();
        SortedMap<String, List<Part>> parts = new TreeMap<>();
        long images = 0;
        for (PlannedShard shard : plan.shards()) {
            Part part = finished.get(shard.file());
            if (part == null) {
                throw new IOException(shard.file() + " was written and is gone");
            }
            parts.computeIfAbsent(shard.split(), split -> new ArrayList<>()).add(part);
            bad.addAll(part.bad());
            images += part.shard().images() + part.bad().size();
            if (shard.split().equals(PreparedSet.TRAIN)) {
                colours.add(part.colours());
            }
        }
        bad.sort(Comparator.comparing(BadImage::name));
        requireFewBad(bad, images);
        SortedMap<String, PreparedSet.Split> splits = new TreeMap<>();
        parts.forEach((name, list) -> splits.put(name, split(list)));
        long[] counts = splits.get(PreparedSet.TRAIN).classCounts();
        requireEveryClass(IntStream.range(0, counts.length).filter(c -> counts[c] > 0), "readable images for training");
        for (Part part : finished.values()) {
            place(fs, part);
        }
        if (!bad.isEmpty()) {
            quarantine(fs, bad);
        }
        PreparedSet set = new PreparedSet(
                PreparedSet.FORMAT_VERSION,
                Version.current(),
                source.location(),
                source.classes(),
                source.namesClasses(),
                settings.shortSide(),
                settings.quality(),
                settings.seed(),
                colours.statistics(),
                splits,
                bad.size());
        Path manifest = work(PreparedSet.NAME);
        write(fs, manifest, set);
        rename(fs, manifest, new Path(folder, PreparedSet.NAME));
        fs.delete(new Path(folder, WORK), true);
        return set;
    }

    private void place(FileSystem fs, Part part) throws IOException {
        Path file = new Path(folder, part.file());
        if (!isWhole(fs, file, part)) {
            fs.mkdirs(file.getParent());
            rename(fs, work(part.attempt()), file);
        }
    }

    private PreparedSet.Split split(List<Part> parts) {
        long[] counts = new long[source.classes().size()];
        parts.forEach(part -> {
            for (int c = 0; c < counts.length; c++) {
                counts[c] += part.classCounts()[c];
            }
        });
        return new PreparedSet.Split(
                parts.stream().mapToLong(part -> part.shard().images()).sum(),
                counts,
                parts.stream().map(Part::shard).toList());
    }

    private void requireFewBad(List<BadImage> bad, long images) {
        if (bad.size() == images || bad.size() > settings.badImageLimit() * images) {
            throw new InputException(
                    "%,d of %,d images in %s cannot be read: %s%s. At most a fraction of %s is left out: raise the limit to go on, or repair or remove them and prepare the set into another folder."
                            .formatted(
                                    bad.size(),
                                    images,
                                    source.folder(),
                                    bad.stream()
                                            .limit(BAD_IMAGES_SHOWN)
                                            .map(image -> image.name() + " (" + image.reason() + ")")
                                            .collect(Collectors.joining(", ")),
                                    bad.size() > BAD_IMAGES_SHOWN ? ", ..." : "",
                                    settings.badImageLimit()));
        }
    }

    private void requireEveryClass(IntStream labels, String of) {
        BitSet seen = new BitSet();
        labels.forEach(seen::set);
        int missing = seen.nextClearBit(0);
        if (missing < source.classes().size()) {
            throw new InputException("Class " + source.classes().get(missing) + " in " + source.folder() + " has no "
                    + of + ". Add images to each class, or remove the class.");
        }
    }

    private void quarantine(FileSystem fs, List<BadImage> bad) throws IOException {
        ObjectMapper json = new ObjectMapper();
        try (OutputStream out = fs.create(new Path(folder, PreparedSet.QUARANTINE), true)) {
            for (BadImage image : bad) {
                ObjectNode line =
                        json.createObjectNode().put("path", image.name()).put("reason", image.reason());
                out.write(json.writeValueAsBytes(line));
                out.write('\n');
            }
        }
    }
}
