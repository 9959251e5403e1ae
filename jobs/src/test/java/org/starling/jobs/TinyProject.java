package org.starling.jobs;

import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** The smallest thing that can be trained: dark and light 4x4 images, and one dense layer. */
public record TinyProject(Path folder) {

    /** Writes model.json, images/dark, images/light and a.conf, whose run directory is {@code run}. */
    public static TinyProject in(Path folder) throws IOException {
        TinyProject project = new TinyProject(folder);
        project.model("model.json", "Dense", 2);
        for (int i = 0; i < 12; i++) {
            project.image("images/dark/" + i + ".png", 4 * i);
            project.image("images/light/" + i + ".png", 255 - 4 * i);
        }
        project.write(
                "a.conf",
                """
                run.directory = run
                model.file = model.json
                data { train = images, validationFraction = 0.25 }
                training { epochs = 2, batch = 3, replicas = 2, stepsPerRound = 2, schedule.learningRate = 0.05 }
                """);
        return project;
    }

    /** A model of one layer of the given kind. */
    Path model(String name, String lastLayer, int outputs) throws IOException {
        return write(
                name,
                """
                {"class_name": "Sequential", "config": {"name": "tiny", "layers": [
                  {"class_name": "InputLayer", "config": {"batch_input_shape": [null, 4, 4, 1], "dtype": "float32", "name": "in"}},
                  {"class_name": "Flatten", "config": {"name": "flat", "dtype": "float32"}},
                  {"class_name": "%s", "config": {"name": "last", "dtype": "float32", "units": %d, "activation": "softmax"}}
                ]}, "keras_version": "2.15.0", "backend": "tensorflow"}
                """
                        .formatted(lastLayer, outputs));
    }

    Path image(String name, int grey) throws IOException {
        BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 16; i++) {
            image.getRaster().setSample(i % 4, i / 4, 0, grey);
        }
        File file = folder.resolve(name).toFile();
        Files.createDirectories(file.getParentFile().toPath());
        ImageIO.write(image, "png", file);
        return file.toPath();
    }

    Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    public String path(String name) {
        return folder.resolve(name).toString();
    }
}
