package org.starling.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.InputException;
import org.starling.LocalSpark;
import org.starling.checkpoint.ModelDescription;
import org.starling.checkpoint.ModelFile;
import org.starling.checkpoint.TestModels;
import org.starling.data.ImageSource;
import org.starling.data.Normalization;
import org.starling.data.Preprocessing;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;

/** A model of a few parameters whose activations are gigabytes. */
class HostileShapesTest {
    @TempDir
    Path folder;

    private String model(int side, String more) throws IOException {
        String json =
                """
                {"class_name": "Sequential", "config": {"name": "wide", "layers": [
                  {"class_name": "InputLayer", "config": {"name": "in", "batch_input_shape": [null, %d, %1$d, 1]}},
                  %s
                  {"class_name": "GlobalAveragePooling2D", "config": {"name": "mean"}},
                  {"class_name": "Dense", "config": {"name": "scores", "units": 2}}]}}
                """
                        .formatted(side, more);
        SequentialModel model = SequentialModel.parse(json, "test", ModelOptions.DEFAULT);
        ModelDescription description = ModelDescription.of(
                model,
                List.of("a", "b"),
                new Preprocessing(0, new Normalization(new double[] {0}, new double[] {255})),
                1,
                Map.of());
        Path zip = folder.resolve("wide-" + side + ".zip");
        ModelFile.write(
                new org.apache.hadoop.fs.Path(zip.toUri()),
                new Configuration(),
                description,
                TestModels.chunks(new float[Math.toIntExact(model.parameterCount())], 1000));
        assertTrue(Files.size(zip) < 20_000);
        return zip.toString();
    }

    private InputException refusal(String model) throws IOException {
        for (String name : List.of("a", "b")) {
            Files.createDirectories(folder.resolve("images/" + name));
            ImageIO.write(
                    new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_GRAY),
                    "png",
                    folder.resolve("images/" + name + "/1.png").toFile());
        }
        ImageSource images = ImageSource.open(
                LocalSpark.context(), folder.resolve("images").toUri().toString(), "auto");
        Evaluator evaluator = new Evaluator(Classifier.of(List.of(model)), 64, 2);
        Exception failure =
                assertThrows(Exception.class, () -> evaluator.evaluate(LocalSpark.context(), images, Optional.empty()));
        return InputException.within(failure).orElseThrow();
    }

    @Test
    void moreThanThisJvmHasIsRefusedBeforeItIsAllocated() throws IOException {
        String pad = "{\"class_name\": \"ZeroPadding2D\", \"config\": {\"name\": \"pad\", \"padding\": 2800}},";
        InputException refusal = refusal(model(3, pad));
        assertTrue(refusal.getMessage().contains("MB"), refusal.getMessage());
        assertEquals(0, refusal.getMessage().lines().skip(1).count());
    }

    @Test
    void moreThanAnArrayHoldsIsRefused() throws IOException {
        InputException refusal = refusal(model(40_000, ""));
        assertTrue(refusal.getMessage().contains("Take a smaller --batch"), refusal.getMessage());
    }
}
