package org.starling.data;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.InputException;
import org.starling.Version;
import org.starling.WorkFolder;
import org.starling.data.PreparationPlan.PlannedShard;

/**
 * Turns a source into a {@link PreparedSet}, a task a shard. What is finished is noted in the set's {@link WorkFolder}, and is not done
 * again by a run that goes on; the manifest comes last. A set has the same bytes however often it was interrupted.
 */
public final class Preparation {
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

    /** What is known of a shard that is finished. */
    private record Part(
            String file,
            String attempt,
            PreparedSet.Shard shard,
            long[] classCounts,
            ColourSums colours,
            List<BadImage> bad)
            implements WorkFolder.Part {
        @Override
        public long length() {
            return shard.length();
        }
    }

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
            WorkFolder work = new WorkFolder(fs, folder);
            if (PreparedSet.isIn(fs, folder)) {
                return finished(fs, work, plan);
            }
            begin(work, plan);
            Map<String, Part> parts = work.parts(Part.class);
            List<PlannedShard> missing = plan.shards().stream()
                    .filter(shard -> !parts.containsKey(shard.file()))
                    .toList();
            int all = plan.shards().size();
            progress.accept(new Progress(all - missing.size(), all));
            if (!missing.isEmpty()) {
                write(spark, missing, all - missing.size(), all, progress);
            }
            return finish(fs, work, plan, missing.isEmpty() ? parts : work.parts(Part.class));
        } catch (IOException e) {
            throw new InputException(
                    folder + " cannot be written: " + SourceFiles.reason(e) + ". Run the same command again to go on.",
                    e);
        }
    }

    /** A run that ended when all but its own traces was done is ended well. */
    private PreparedSet finished(FileSystem fs, WorkFolder work, PreparationPlan plan) throws IOException {
        if (!work.plan().equals(Optional.of(facts(plan)))) {
            throw new InputException(
                    folder + " holds a prepared set already, and it was not changed. Name another folder.");
        }
        PreparedSet set = PreparedSet.read(fs, folder);
        work.end();
        return set;
    }

    private static SortedMap<String, String> facts(PreparationPlan plan) {
        return new TreeMap<>(Map.of("digest", plan.digest()));
    }

    /** Takes the folder, unless it is another's. */
    private void begin(WorkFolder work, PreparationPlan plan) throws IOException {
        if (work.plan().equals(Optional.of(facts(plan)))) {
            return;
        }
        if (work.isBegun()) {
            throw new InputException(
                    folder
                            + " was begun with other settings, another version of Starling or other images. Give the same to go on, or name another folder.");
        }
        if (!work.isFree()) {
            throw new InputException(
                    folder + " exists and holds something else, which was not changed. Name a folder that"
                            + " does not exist.");
        }
        work.begin(facts(plan));
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
            WorkFolder work = new WorkFolder(fs, folder);
            Path file = work.newAttempt(shard.split() + "-" + shard.name());
            write(images, file, configuration);
            PreparedSet.Shard written = ShardFile.describe(fs, file, shard.name());
            work.note(new Part(shard.file(), file.getName(), written, classCounts, colours, bad));
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

    private PreparedSet finish(FileSystem fs, WorkFolder work, PreparationPlan plan, Map<String, Part> finished)
            throws IOException {
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
            work.place(part);
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
        work.finish(PreparedSet.NAME, set);
        return set;
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
