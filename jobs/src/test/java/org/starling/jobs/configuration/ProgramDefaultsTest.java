package org.starling.jobs.configuration;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.training.Trainer;
import org.starling.training.TrainingConfiguration;
import org.starling.training.TrainingConfiguration.OptimizerSettings;
import org.starling.training.TrainingConfiguration.ScheduleSettings;

/** A program and a training file that say the same mean the same. */
class ProgramDefaultsTest {
    @TempDir
    Path folder;

    private TrainingConfiguration file(String... settings) throws Exception {
        Path file = Files.writeString(folder.resolve("a.conf"), "model.file = model.json\ndata.train = images\n");
        return TrainingFile.read(file.toString(), List.of(settings), new Configuration())
                .configuration();
    }

    @Test
    void whatIsNotSaidIsTheSame() throws Exception {
        TrainingConfiguration program =
                Trainer.builder().model("model.json").build().configuration();
        TrainingConfiguration file = file();
        assertEquals(file.training(), program.training());
        assertEquals(file.checkpoint(), program.checkpoint());
        assertEquals(file.data().augmentation(), program.data().augmentation());
        assertEquals(
                file.data().toString().replaceFirst("train=[^,]*", "train="),
                program.data().toString());
        assertEquals(
                file.run().toString().replaceFirst("directory=[^,]*", "directory="),
                program.run().toString());
        assertEquals(
                file.model().toString().replaceFirst("file=[^,]*", "file=model.json"),
                program.model().toString());
    }

    @Test
    void schedulesAndOptimizersAreThoseOfTheirNames() throws Exception {
        assertEquals(
                file("training.schedule.name=cosine", "training.schedule.warmupSteps=50")
                        .training()
                        .schedule(),
                ScheduleSettings.cosine(0.01).withWarmup(50));
        assertEquals(
                file("training.schedule.name=step", "training.schedule.stepSize=9", "training.schedule.gamma=0.5")
                        .training()
                        .schedule(),
                ScheduleSettings.step(0.01, 9, 0.5));
        assertEquals(
                file("training.schedule.name=polynomial", "training.schedule.power=2")
                        .training()
                        .schedule(),
                ScheduleSettings.polynomial(0.01, 2));
        assertEquals(file("training.schedule.name=plateau").training().schedule(), ScheduleSettings.plateau(0.01));
        assertEquals(file("training.optimizer.name=adam").training().optimizer(), OptimizerSettings.adam());
        assertEquals(file("training.optimizer.name=sgd").training().optimizer(), OptimizerSettings.sgd());
        assertEquals(
                file(
                                "training.optimizer.name=nesterov",
                                "training.optimizer.momentum=0.8",
                                "training.optimizer.weightDecay=1e-3",
                                "training.optimizer.state=local")
                        .training()
                        .optimizer(),
                OptimizerSettings.nesterov(0.8).withWeightDecay(1e-3).withState(TrainingConfiguration.StateRule.LOCAL));
    }
}
