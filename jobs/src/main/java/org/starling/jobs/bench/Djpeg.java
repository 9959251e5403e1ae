package org.starling.jobs.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.starling.data.ImageRecord;

/** The program djpeg of libjpeg-turbo, on copies of the images; its start, once a file, is measured too. */
final class Djpeg implements AutoCloseable {
    private static final String PROGRAM = "djpeg";

    /** Of every JPEG file. */
    private static final byte FIRST_BYTE = (byte) 0xFF;

    private final Path folder;
    private final List<Path> files = new ArrayList<>();

    private Djpeg(Path folder) {
        this.folder = folder;
    }

    /** Null where it is not installed, or an image is no JPEG. */
    static Djpeg installed(List<ImageRecord> images) {
        if (images.stream().anyMatch(image -> image.bytes().length == 0 || image.bytes()[0] != FIRST_BYTE)) {
            return null;
        }
        try {
            new ProcessBuilder(PROGRAM, "-version")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
        try {
            Djpeg djpeg = new Djpeg(Files.createTempDirectory("starling-bench-data-"));
            for (ImageRecord image : images) {
                Path file = djpeg.folder.resolve(djpeg.files.size() + ".jpg");
                djpeg.files.add(Files.write(file, image.bytes()));
            }
            return djpeg;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void decode() {
        try {
            for (Path file : files) {
                int exit = new ProcessBuilder(PROGRAM, file.toString())
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start()
                        .waitFor();
                if (exit != 0) {
                    throw new IOException(PROGRAM + " ended with exit code " + exit);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static IllegalStateException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("interrupted", e);
    }

    @Override
    public void close() {
        try {
            for (Path path : (Iterable<Path>) Stream.concat(files.stream(), Stream.of(folder))::iterator) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
