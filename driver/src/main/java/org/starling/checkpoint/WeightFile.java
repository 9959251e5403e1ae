package org.starling.checkpoint;

import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.model.SequentialModel;

/**
 * A file with a trained network's parameters, as the driver saw it: whoever opens it later, on whatever machine, opens the same or none.
 *
 * @param path of the file itself, fully qualified
 * @param length in bytes
 * @param modified time in milliseconds
 */
public record WeightFile(String path, long length, long modified) implements Serializable {
    /**
     * @param path a file, or a run directory
     * @throws InputException when there is none
     */
    public static WeightFile at(Path path, Configuration configuration) {
        FileStatus status = status(path, configuration);
        return new WeightFile(status.getPath().toString(), status.getLen(), status.getModificationTime());
    }

    public Path toPath() {
        return new Path(path);
    }

    private static FileStatus status(Path path, Configuration configuration) {
        try {
            FileSystem fileSystem = path.getFileSystem(configuration);
            return ModelFile.locate(fileSystem, path);
        } catch (IOException e) {
            throw ModelFile.unreadable(path, e);
        }
    }

    /**
     * @param network into which the parameters are to go
     * @throws InputException when the file cannot be used, or is another one by now
     */
    public WeightSource open(SequentialModel network, Configuration configuration) {
        Path file = toPath();
        WeightFile now = at(file, configuration);
        // Clocks of mirrors differ, their files' lengths do not.
        if (now.length() != length) {
            throw new InputException(
                    "%s: it had %,d bytes when the training began and has %,d now. Leave it as it is until the first round begins."
                            .formatted(path, length, now.length()));
        }
        try {
            if (KerasWeights.isHdf5(file, configuration)) {
                return KerasWeights.open(file, network, configuration);
            }
            return ModelFile.hasDescription(file, configuration)
                    ? ModelFile.weights(file, configuration)
                    : Dl4jZip.open(file, network.input().size(), configuration).weights();
        } catch (IOException e) {
            throw ModelFile.unreadable(path, e);
        }
    }
}
