package org.starling.jobs.cluster;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.ContentSummary;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.protocol.HdfsConstants;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.InputException;
import org.starling.LocalSpark;
import org.starling.checkpoint.CheckpointStore;
import org.starling.jobs.configuration.TrainingFile;
import org.starling.training.Trainer;
import org.starling.training.TrainingEvent;
import org.starling.training.TrainingListener;

/** Runs of ten rounds whose checkpoints lie on HDFS, under a quota that they meet while they write. */
class FullDiskIT {
    private static final int BLOCK = 1 << 20;

    private static MiniHdfs hdfs;
    private static DistributedFileSystem files;
    private static JavaSparkContext spark;

    private final List<String> notices = new ArrayList<>();

    @BeforeAll
    static void start(@TempDir java.nio.file.Path folder) throws IOException {
        hdfs = new MiniHdfs(folder);
        files = (DistributedFileSystem) hdfs.fileSystem();
        spark = LocalSpark.context();
        // A quota counts the block that is being written with its full size.
        spark.hadoopConfiguration().setInt("dfs.blocksize", BLOCK);
        IdxImages.write(files, new Path(hdfs.url() + "/data"), 320);
        try (var out = files.create(new Path(hdfs.url() + "/conf/model.json"))) {
            out.writeBytes(
                    """
                    {"class_name": "Sequential", "config": {"name": "flat", "layers": [
                      {"class_name": "InputLayer", "config": {"name": "input", "batch_input_shape": [null, 28, 28, 1], "dtype": "float32"}},
                      {"class_name": "Flatten", "config": {"name": "flatten"}},
                      {"class_name": "Dense", "config": {"name": "out", "units": 10, "activation": "softmax"}}]}}
                    """);
        }
        try (var out = files.create(new Path(hdfs.url() + "/conf/train.conf"))) {
            out.writeBytes(
                    """
                    model.file = model.json
                    data.train = "../data/train-images-idx3-ubyte"
                    training { replicas = 2, batch = 16, epochs = 1, stepsPerRound = 1 }
                    checkpoint { everyEpochs = 0, keep = 0 }
                    """);
        }
    }

    @AfterAll
    static void stop() {
        hdfs.close();
    }

    private void train(String run, int everyRounds, boolean resume, TrainingListener listener) {
        TrainingFile file = TrainingFile.read(
                hdfs.url() + "/conf/train.conf",
                List.of("run.directory=" + hdfs.url() + "/runs/" + run, "checkpoint.everyRounds=" + everyRounds),
                spark.hadoopConfiguration());
        TrainingListener notes = new TrainingListener() {
            @Override
            public void onNotice(TrainingEvent.Notice notice) {
                notices.add(notice.text());
            }
        };
        new Trainer(spark, file.configuration(), file.effectiveSettings(), List.of(notes, listener)).run(resume);
    }

    private static Path checkpoints(String run) {
        return new Path(hdfs.url() + "/runs/" + run + "/checkpoints");
    }

    /** Rounds of everything in the folder, oldest first; each must be whole. */
    private static List<Integer> wholeRounds(String run) throws IOException {
        CheckpointStore store = new CheckpointStore(checkpoints(run), spark.hadoopConfiguration());
        List<CheckpointStore.Stored> all = store.list();
        assertEquals(files.listStatus(checkpoints(run)).length, all.size(), "a folder that is no checkpoint is left");
        for (CheckpointStore.Stored stored : all) {
            assertTrue(store.defect(spark, stored).isEmpty());
            FileStatus[] held = files.listStatus(stored.folder());
            assertEquals(3, held.length, Arrays.toString(held));
        }
        return all.stream().map(stored -> stored.manifest().round()).sorted().toList();
    }

    private static byte[] model(String run, String name) throws IOException {
        try (InputStream in = files.open(new Path(hdfs.url() + "/runs/" + run, name))) {
            return in.readAllBytes();
        }
    }

    @Test
    void aRunGoesOnWithoutTheCheckpointsThatADiskDidNotTake() throws Exception {
        List<List<Integer>> whileFull = new ArrayList<>();
        train("outlives", 2, false, new TrainingListener() {
            @Override
            public void onCheckpoint(TrainingEvent.Checkpoint checkpoint) {
                if (checkpoint.round() == 2) {
                    // Room for one of two parts at a time.
                    ContentSummary used = summary();
                    quota(HdfsConstants.QUOTA_DONT_SET, used.getSpaceConsumed() + BLOCK + BLOCK / 2);
                }
            }

            @Override
            public void onRound(TrainingEvent.Round round) {
                try {
                    if (round.round() == 5 || round.round() == 7) {
                        whileFull.add(wholeRounds("outlives"));
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                if (round.round() == 7) {
                    quota(HdfsConstants.QUOTA_DONT_SET, HdfsConstants.QUOTA_RESET);
                }
            }

            private ContentSummary summary() {
                try {
                    return files.getContentSummary(checkpoints("outlives"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }

            private void quota(long names, long space) {
                try {
                    files.setQuota(checkpoints("outlives"), names, space);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        assertEquals(List.of(List.of(2), List.of(2)), whileFull);
        assertEquals(List.of(2, 8, 9), wholeRounds("outlives"));
        assertEquals(2, notices.size(), notices.toString());
        for (int failed = 0; failed < 2; failed++) {
            String notice = notices.get(failed);
            int round = 4 + 2 * failed;
            assertTrue(notice.startsWith("warning: no checkpoint of round " + round + ": "), notice);
            assertTrue(notice.contains(" cannot write " + checkpoints("outlives") + "/round-0000000" + round), notice);
            assertTrue(notice.contains("quota"), notice);
            assertTrue(notice.contains("The last good checkpoint is " + checkpoints("outlives") + "/round-00000002-"));
            assertEquals(1, notice.lines().count(), notice);
        }
    }

    @Test
    void aLastCheckpointThatADiskDoesNotTakeIsAnErrorAndTheOneBeforeIsResumed() throws Exception {
        train("undisturbed", 0, false, new TrainingListener() {});
        TrainingListener filling = new TrainingListener() {
            @Override
            public void onCheckpoint(TrainingEvent.Checkpoint checkpoint) {
                try {
                    ContentSummary used = files.getContentSummary(checkpoints("ends"));
                    if (checkpoint.round() == 8) {
                        // Room for a folder and two parts, not for the manifest.
                        long names = used.getFileCount() + used.getDirectoryCount() + 3;
                        files.setQuota(checkpoints("ends"), names, HdfsConstants.QUOTA_DONT_SET);
                    }
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        String error = assertThrows(InputException.class, () -> train("ends", 4, false, filling))
                .getMessage();
        assertTrue(error.startsWith("The last checkpoint, of round 9, cannot be written"), error);
        assertTrue(error.contains("/manifest.json: "), error);
        assertTrue(error.contains("quota"), error);
        assertTrue(error.contains("The last good checkpoint is " + checkpoints("ends") + "/round-00000008-"), error);
        assertTrue(error.contains("--resume " + hdfs.url() + "/runs/ends"), error);
        assertEquals(List.of(4, 8), wholeRounds("ends"));

        files.setQuota(checkpoints("ends"), HdfsConstants.QUOTA_RESET, HdfsConstants.QUOTA_DONT_SET);
        train("ends", 4, true, new TrainingListener() {});
        assertEquals(List.of(4, 8, 9), wholeRounds("ends"));
        assertArrayEquals(model("undisturbed", "model.zip"), model("ends", "model.zip"));
    }
}
