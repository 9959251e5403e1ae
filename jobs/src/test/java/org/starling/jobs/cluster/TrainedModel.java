package org.starling.jobs.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.zip.ZipFile;

/** The model that a run has left in its directory on this machine. */
public final class TrainedModel {
    private TrainedModel() {}

    /** Its parameters, as bytes to be compared. */
    public static byte[] coefficients(Path runDirectory) throws IOException {
        try (ZipFile zip = new ZipFile(runDirectory.resolve("model.zip").toFile());
                InputStream in = zip.getInputStream(zip.getEntry("coefficients.bin"))) {
            return in.readAllBytes();
        }
    }
}
