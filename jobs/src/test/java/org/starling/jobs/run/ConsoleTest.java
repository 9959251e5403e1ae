package org.starling.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.starling.training.Cpu;
import org.starling.training.ExecutorReport;
import org.starling.training.ReplicaRounds;
import org.starling.training.TrainingEvent;

class ConsoleTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final AtomicLong clock = new AtomicLong();

    private Console console(boolean terminal) {
        return new Console(new PrintStream(bytes, true, StandardCharsets.UTF_8), terminal, clock::get);
    }

    private List<String> lines() {
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void aRoundIsOneLineWithEverythingAPersonWatches() {
        Console console = console(false);
        console.onStart(FakeRun.start());
        int before = lines().size();
        clock.set(6_000_000_000L);
        console.onRound(
                new TrainingEvent.Round(1, 6, 6, 10, 30, 0.98765, 0.54321, 1280, 0.0175, 0.5, FakeRun.times(6)));
        assertEquals(before + 1, lines().size());
        // 6 rounds took 6 s, 24 are left.
        assertEquals(
                "epoch 1/3  round  6/30  loss 0.9877  accuracy 0.5432    2,560 images/s  rate 0.0175  left 24 s",
                lines().get(before));
    }

    @Test
    void theStartTellsTheEffectiveBatchAndTheBaseline() {
        console(false).onStart(FakeRun.start());
        String text = String.join("\n", lines());
        assertTrue(text.contains("effective batch 64 (32 x 2 replicas)"), text);
        assertTrue(text.contains("always guessing the largest class: accuracy 0.1000"), text);
        assertTrue(text.contains("1 unreadable"), text);
    }

    @Test
    void executorsOfOneKindAreOneLineAndScalarOnesSayWhatToPass() {
        console(false).onExecutors(FakeRun.executors());
        assertEquals(
                List.of(
                        "kernels   vector-512 on 2 executors (AMD EPYC 9R14, avx512f, 4 threads a task)",
                        "kernels   scalar on 1 executor (AMD EPYC 9R14, avx512f, 1 thread a task)"),
                lines().subList(0, 2));
        assertEquals(3, lines().size());
        assertTrue(
                lines().get(2)
                        .endsWith("pass --conf spark.executor.extraJavaOptions=--add-modules=jdk.incubator.vector"),
                lines().get(2));
    }

    @Test
    void inLocalModeThisJvmComputesAndScalarOnPurposeIsNoWarning() {
        ExecutorReport driver =
                new ExecutorReport("driver", "a", "scalar", true, new Cpu("aarch64", "asimd"), 2, "17.0.15", 2);
        console(false).onExecutors(new TrainingEvent.Executors(List.of(driver)));
        assertEquals(List.of("kernels   scalar in this JVM (aarch64, asimd, 2 threads a task)"), lines());
    }

    @Test
    void aValidationStandsBesideTheLargestClass() {
        Console console = console(false);
        console.onStart(FakeRun.start());
        console.onValidation(FakeRun.validation(3));
        String line = lines().get(lines().size() - 1);
        assertTrue(line.contains("validation accuracy 0.94"), line);
        assertTrue(line.contains("largest class 0.1000"), line);
    }

    @Test
    void theLastTwoLinesAreAccuracyAndModel() {
        Console console = console(false);
        console.onStart(FakeRun.start());
        console.onEnd(new TrainingEvent.End(
                "early stopping", OptionalDouble.of(0.8725), "file:/r/model.zip", 3, FakeRun.REPLICA_ROUNDS));
        assertEquals(
                List.of("validation accuracy: 0.8725", "model: file:/r/model.zip"),
                lines().subList(lines().size() - 2, lines().size()));
        assertTrue(lines().contains("ended by early stopping"));
    }

    @Test
    void theEndTellsWhereTheTimeWentWhoWasSlowAndWhatWasTrained() {
        Console console = console(false);
        console.onStart(FakeRun.start());
        FakeRun.rounds(console, 0, 12);
        console.onEnd(FakeRun.end());
        String time =
                "time      wait 5 %, gather 10 %, train 80 %, average 5 %; slowest most often: replica 1 on b, in 9 of 12";
        assertTrue(lines().contains(time), lines().toString());
        assertTrue(
                lines().contains("replica-rounds trained 26, of them 2 repeated after failures"), lines().toString());
    }

    @Test
    void aRunThatIsStoppedBeforeItsFirstRoundHasNoTimesToTell() {
        Console console = console(false);
        console.onStart(FakeRun.start());
        int before = lines().size();
        console.onStopped(new TrainingEvent.Stopped(0, Optional.empty(), 1, new ReplicaRounds(0, 0)));
        assertEquals(List.of("replica-rounds trained 0"), lines().subList(before, lines().size()));
    }

    @Test
    void onlyATerminalGetsABarAndItIsWipedBeforeTheNextLine() {
        for (boolean terminal : new boolean[] {false, true}) {
            bytes.reset();
            Console console = console(terminal);
            console.onStart(FakeRun.start());
            FakeRun.rounds(console, 0, 10);
            String text = bytes.toString(StandardCharsets.UTF_8);
            assertEquals(terminal, text.contains("[===                           ] 10%\r\u001b[K"), text);
            assertEquals(terminal, text.indexOf('\r') >= 0);
            assertFalse(text.contains("100%"));
        }
    }

    @Test
    void aResumedRunReckonsTheTimeLeftFromItsOwnRounds() {
        Console console = console(false);
        console.onStart(FakeRun.start());
        console.onResume(new TrainingEvent.Resume(20, "file:/c", List.of("training.epochs: 2 -> 3")));
        clock.set(2_000_000_000L);
        console.onRound(FakeRun.round(21));
        String line = lines().get(lines().size() - 1);
        assertTrue(line.endsWith("left 18 s"), line);
        assertTrue(lines().contains("changed   training.epochs: 2 -> 3"));
    }

    @Test
    void ratesKeepTheirDigits() {
        assertEquals("0.0100", Console.rate(0.01));
        assertEquals("1.5e-05", Console.rate(1.5e-5));
        assertEquals("0.0000", Console.rate(0));
    }

    @Test
    void timesAreSaidAsPeopleSayThem() {
        assertEquals("42 s", Duration.text(41.6));
        assertEquals("3 min 5 s", Duration.text(185));
        assertEquals("2 h 10 min", Duration.text(7800));
    }
}
