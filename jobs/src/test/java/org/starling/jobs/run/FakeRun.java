package org.starling.jobs.run;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import javax.imageio.ImageIO;
import org.starling.evaluation.EvaluationResult;
import org.starling.training.Cpu;
import org.starling.training.ExecutorReport;
import org.starling.training.ReplicaRounds;
import org.starling.training.RoundTimes;
import org.starling.training.TrainingEvent;
import org.starling.training.TrainingListener;

/** The events of a run that never was: 3 epochs of 10 rounds, every number a formula. */
public final class FakeRun {
    public static final int EPOCHS = 3;
    public static final int ROUNDS_PER_EPOCH = 10;
    public static final List<String> CLASSES = List.of(
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "<b>Ankle & boot");

    public static final ReplicaRounds REPLICA_ROUNDS = new ReplicaRounds(26, 2);

    private FakeRun() {}

    public static TrainingEvent.Start start() {
        long[] counts = new long[CLASSES.size()];
        java.util.Arrays.fill(counts, 1200);
        return new TrainingEvent.Start(
                "alexnet_small",
                442_378,
                CLASSES,
                counts,
                12_000,
                2_000,
                2,
                32,
                EPOCHS,
                EPOCHS * ROUNDS_PER_EPOCH,
                0.1,
                1);
    }

    /** Two executors with vectors, and one without their module. */
    public static TrainingEvent.Executors executors() {
        Cpu cpu = new Cpu("AMD EPYC 9R14", "avx512f");
        return new TrainingEvent.Executors(List.of(
                new ExecutorReport("0", "a", "vector-512", true, cpu, 8, "17.0.15", 4),
                new ExecutorReport("1", "a", "vector-512", true, cpu, 8, "17.0.15", 4),
                new ExecutorReport("2", "b", "scalar", false, cpu, 1, "17.0.9", 1)));
    }

    public static TrainingEvent.Round round(int round) {
        return new TrainingEvent.Round(
                (round - 1) / ROUNDS_PER_EPOCH + 1,
                round,
                (round - 1) % ROUNDS_PER_EPOCH + 1,
                ROUNDS_PER_EPOCH,
                EPOCHS * ROUNDS_PER_EPOCH,
                2.3 / (1 + 0.2 * round),
                1 - 0.9 / (1 + 0.2 * round),
                1200,
                0.02 * (1 - round / 40.0),
                0.9 + 0.1 * Math.sin(round),
                times(round));
    }

    /** Parts of 1, 2, 16 and 1 twentieth; the slowest replica is 0 in every fourth round and 1 in the others. */
    public static RoundTimes times(int round) {
        int slowest = round % 4 == 0 ? 0 : 1;
        return new RoundTimes(0.05, 0.1, 0.8, 0.05, slowest, slowest == 0 ? "a" : "b", 0.9);
    }

    public static EvaluationResult result(int epoch) {
        EvaluationResult result = EvaluationResult.empty(CLASSES.size());
        int wrong = 60 / (epoch + 1);
        for (int a = 0; a < CLASSES.size(); a++) {
            int w = a == 6 ? 2 * wrong : wrong / (1 + a % 3);
            result.confusion()[a][a] = 200 - w;
            result.confusion()[a][(a + 4) % 10] += w - w / 3;
            result.confusion()[a][(a + 1) % 10] += w / 3;
        }
        return new EvaluationResult(result.confusion(), 1990, 2000 * 1.2 / epoch, result.calibration());
    }

    public static TrainingEvent.Validation validation(int epoch) {
        EvaluationResult result = result(epoch);
        return new TrainingEvent.Validation(epoch, epoch * ROUNDS_PER_EPOCH, result, result.top1Accuracy(), 0.5);
    }

    public static TrainingEvent.Mistakes mistakes() {
        List<TrainingEvent.Mistake> mistakes = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            mistakes.add(new TrainingEvent.Mistake(
                    "t10k-images-idx3-ubyte.gz#" + i,
                    CLASSES.get(i % 10),
                    CLASSES.get((i + 4) % 10),
                    0.3 + 0.02 * i,
                    png(i)));
        }
        return new TrainingEvent.Mistakes(EPOCHS * ROUNDS_PER_EPOCH, mistakes);
    }

    private static byte[] png(int seed) {
        BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < 28; y++) {
            for (int x = 0; x < 28; x++) {
                image.getRaster().setSample(x, y, 0, (x * y + seed * 9) % 256);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    public static TrainingEvent.End end() {
        return new TrainingEvent.End(
                "epochs",
                OptionalDouble.of(result(EPOCHS).top1Accuracy()),
                "file:/runs/fake/model.zip",
                41.3,
                REPLICA_ROUNDS);
    }

    /** Tells a listener the rounds after {@code done} up to {@code last}, with a validation and a checkpoint an epoch. */
    public static void rounds(TrainingListener listener, int done, int last) {
        for (int round = done + 1; round <= last; round++) {
            listener.onRound(round(round));
            if (round % ROUNDS_PER_EPOCH == 0) {
                listener.onValidation(validation(round / ROUNDS_PER_EPOCH));
                listener.onCheckpoint(new TrainingEvent.Checkpoint(round, "file:/runs/fake/checkpoints/" + round, 0.1));
            }
        }
    }
}
