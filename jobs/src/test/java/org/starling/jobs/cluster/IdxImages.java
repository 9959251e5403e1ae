package org.starling.jobs.cluster;

import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Random;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** A small set of grey images in MNIST's file format, ten classes, each a bright bar at its own height under noise. */
final class IdxImages {
    private static final int SIDE = 28;
    private static final int CLASSES = 10;

    private IdxImages() {}

    /** Writes {@code train-images-idx3-ubyte} and its labels into the folder, and returns the images' path. */
    static Path write(FileSystem fileSystem, Path folder, int images) throws IOException {
        Path path = new Path(folder, "train-images-idx3-ubyte");
        try (DataOutputStream pixels = fileSystem.create(path, false);
                DataOutputStream labels = fileSystem.create(new Path(folder, "train-labels-idx1-ubyte"), false)) {
            pixels.writeInt(0x803);
            pixels.writeInt(images);
            pixels.writeInt(SIDE);
            pixels.writeInt(SIDE);
            labels.writeInt(0x801);
            labels.writeInt(images);
            Random random = new Random(1);
            for (int i = 0; i < images; i++) {
                int label = i % CLASSES;
                labels.writeByte(label);
                byte[] image = new byte[SIDE * SIDE];
                random.nextBytes(image);
                for (int p = 0; p < image.length; p++) {
                    boolean bar = p / SIDE / 2 == label + 2;
                    image[p] = (byte) ((image[p] & 0x3f) + (bar ? 160 : 0));
                }
                pixels.write(image);
            }
        }
        return path;
    }

    /** The same on this machine. */
    static String writeLocal(java.nio.file.Path folder, int images) throws IOException {
        return write(FileSystem.getLocal(new Configuration()), new Path(folder.toUri()), images)
                .toString();
    }
}
