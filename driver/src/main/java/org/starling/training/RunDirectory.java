package org.starling.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.checkpoint.CheckpointStore;
import org.starling.checkpoint.ModelFile;

/** Where a run keeps its checkpoints and models, on any Hadoop FileSystem. Nothing in it is ever overwritten. */
final class RunDirectory {
    private final Path path;
    private final Configuration configuration;

    RunDirectory(Path path, Configuration configuration) {
        try {
            this.path = path.getFileSystem(configuration).makeQualified(path);
        } catch (IOException e) {
            throw new InputException("The run directory " + path + " cannot be reached: " + e.getMessage(), e);
        }
        this.configuration = configuration;
    }

    Path path() {
        return path;
    }

    CheckpointStore checkpoints() {
        return new CheckpointStore(checkpointFolder(), configuration);
    }

    private Path checkpointFolder() {
        return new Path(path, "checkpoints");
    }

    /** @throws InputException when a run has already left something here */
    void requireFresh() {
        for (Path taken : List.of(checkpointFolder(), new Path(path, ModelFile.FIRST_IN_RUN))) {
            if (exists(taken)) {
                throw new InputException("The run directory " + path + " already holds a run (" + taken.getName()
                        + "). Choose another with run.directory=..., or go on with --resume " + path + ".");
            }
        }
    }

    /** @throws InputException when nothing here looks like a checkpoint */
    void requireCheckpoint() {
        if (checkpoints().isEmpty()) {
            throw new InputException("There is no checkpoint to resume from in " + checkpointFolder()
                    + ". Expected a folder round-... with a manifest.json; start the run anew in another directory.");
        }
    }

    /**
     * What a run can go on from, if there is anything.
     *
     * @param found in its {@link #checkpoints}
     * @param notice told of each that is passed over
     */
    Optional<Resumption> resumption(CheckpointStore.Found found, Consumer<String> notice) {
        found.refused()
                .forEach(r -> notice.accept("passing over the checkpoint " + r.folder() + ": " + r.defect()
                        + "; nothing in it is changed"));
        List<Path> refused =
                found.refused().stream().map(CheckpointStore.Refused::folder).toList();
        return found.newest().map(newest -> new Resumption(newest, refused));
    }

    /**
     * As {@link #resumption}, where there has to be one.
     *
     * @throws InputException when none is whole, with what is wrong with each
     */
    Resumption requireResumption(CheckpointStore.Found found, Consumer<String> notice) {
        if (found.newest().isEmpty()) {
            throw new InputException("No checkpoint in " + checkpointFolder() + " can be used: "
                    + found.refused().stream()
                            .map(r -> r.folder().getName() + ": " + r.defect())
                            .collect(Collectors.joining("; "))
                    + ". Put the files back as they were, or start the run anew in another directory.");
        }
        return resumption(found, notice).orElseThrow();
    }

    /**
     * @param checkpoint to go on from
     * @param passedOver newer folders, which are damaged or not finished
     */
    record Resumption(CheckpointStore.Stored checkpoint, List<Path> passedOver) {}

    /** For a person whose run has diverged. */
    String lastGood() {
        try {
            return checkpoints().list().stream()
                    .findFirst()
                    .map(stored -> "The last good checkpoint is " + stored.folder() + ".")
                    .orElse("No checkpoint had been written.");
        } catch (InputException e) {
            return e.getMessage();
        }
    }

    /** A name for the model that is not taken: a run that is resumed after its end leaves a second one. */
    Path newModelFile() {
        try {
            return ModelFile.nextInRun(path, configuration);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at " + path, e);
        }
    }

    private boolean exists(Path file) {
        try {
            FileSystem fs = file.getFileSystem(configuration);
            return fs.exists(file);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look at " + file, e);
        }
    }
}
