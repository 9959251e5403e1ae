package org.starling.checkpoint;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipInputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.checkpoint.CoefficientsFormat.MalformedException;
import org.starling.model.Dl4jConfiguration;
import org.starling.model.ImageSize;
import org.starling.model.SequentialModel;

/**
 * A MultiLayerNetwork in the zip that DL4J's {@code ModelSerializer} writes, without Starling's JSON beside it. Nothing in it is deserialized: of the
 * configuration the layers are taken that are known by name, of the coefficients the numbers. What a further training would need is passed over.
 */
final class Dl4jZip {
    private static final int LARGEST_CONFIGURATION = 4 << 20;
    private static final int STREAM_BUFFER = 64 << 10;

    /** An updater keeps at most three numbers a parameter, and parameters have at most 2 GB. */
    private static final long LARGEST_PASSED_OVER = 3L << 31;

    private static final Set<String> PASSED_OVER =
            Set.of("updaterState.bin", "updater.bin", "normalizer.bin", "preprocessor.bin");

    private final Path path;
    private final Configuration configuration;
    private final Dl4jConfiguration.Network network;

    private Dl4jZip(Path path, Configuration configuration, Dl4jConfiguration.Network network) {
        this.path = path;
        this.configuration = configuration;
        this.network = network;
    }

    /**
     * Reads what the network is.
     *
     * @param size of its images, where it does not say so; null for unknown
     * @throws InputException when it is no such file, or has a layer that Starling has not
     */
    static Dl4jZip open(Path path, ImageSize size, Configuration configuration) {
        String[] json = new String[1];
        read(path, configuration, (name, entry) -> {
            if (name.equals(ModelFile.CONFIGURATION)) {
                byte[] bytes = entry.readNBytes(LARGEST_CONFIGURATION + 1);
                if (bytes.length > LARGEST_CONFIGURATION) {
                    throw new MalformedException("its " + name + " is larger than 4 MB");
                }
                json[0] = new String(bytes, StandardCharsets.UTF_8);
            }
            return json[0] != null;
        });
        if (json[0] == null) {
            throw unusable(path, "it holds no " + ModelFile.CONFIGURATION);
        }
        return new Dl4jZip(
                path, configuration, Dl4jConfiguration.parse(json[0], path.toString(), Optional.ofNullable(size)));
    }

    SequentialModel model() {
        return network.model();
    }

    /** Its arrays; the moving variances as such. */
    WeightSource weights() {
        FlatWeights flat = new FlatWeights(network.model(), this::readCoefficients);
        List<WeightSource.Array> arrays = flat.arrays();
        return new WeightSource() {
            @Override
            public List<Array> arrays() {
                return arrays;
            }

            @Override
            public void read(Sink sink) throws IOException {
                flat.read((array, offset, values, length) -> {
                    boolean logarithm = arrays.get(array).name().equals("moving_variance")
                            && network.logarithms().contains(arrays.get(array).layer());
                    sink.accept(array, offset, logarithm ? squaredPowers(values, length) : values, length);
                });
            }
        };
    }

    /** Variances from logarithms of deviations. */
    private static float[] squaredPowers(float[] logarithms, int length) {
        float[] variances = new float[length];
        for (int i = 0; i < length; i++) {
            variances[i] = (float) StrictMath.pow(10, 2.0 * logarithms[i]);
        }
        return variances;
    }

    private void readCoefficients(CoefficientsFormat.Sink sink) {
        boolean[] found = new boolean[1];
        read(path, configuration, (name, entry) -> {
            if (name.equals(ModelFile.COEFFICIENTS)) {
                CoefficientsFormat.read(entry, network.model().parameterCount(), sink);
                found[0] = true;
            }
            return found[0];
        });
        if (!found[0]) {
            throw unusable(path, "it holds no " + ModelFile.COEFFICIENTS);
        }
    }

    /**
     * Passes over the rest of an entry, which may be without end.
     *
     * @return whether it has no more than so many bytes
     */
    static boolean endsWithin(ZipInputStream entry, long bytes) throws IOException {
        // Of more than 2 GB it passes over 2 GB at a time.
        for (long left = bytes; left > 0; ) {
            long skipped = entry.skip(left);
            if (skipped == 0) {
                return true;
            }
            left -= skipped;
        }
        return entry.read() < 0;
    }

    private interface Entry {
        /** @return whether nothing more is wanted */
        boolean read(String name, InputStream content) throws IOException;
    }

    private static void read(Path path, Configuration configuration, Entry reader) {
        try (InputStream in = path.getFileSystem(configuration).open(path);
                ZipInputStream zip = new ZipInputStream(new BufferedInputStream(in, STREAM_BUFFER))) {
            Set<String> seen = new HashSet<>();
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                String name = entry.getName();
                boolean known = name.equals(ModelFile.CONFIGURATION)
                        || name.equals(ModelFile.COEFFICIENTS)
                        || PASSED_OVER.contains(name);
                if (!known || !seen.add(name)) {
                    throw new MalformedException(known ? "it holds " + name + " twice" : "it holds a foreign entry");
                }
                if (reader.read(name, zip)) {
                    return;
                }
                if (!endsWithin(zip, LARGEST_PASSED_OVER)) {
                    throw new MalformedException("its " + name + " is larger than any");
                }
            }
            if (seen.isEmpty()) {
                throw new MalformedException("it is no zip");
            }
        } catch (MalformedException e) {
            throw unusable(path, e.getMessage());
        } catch (ZipException | EOFException | IllegalArgumentException e) {
            // The last: an entry's name that is no UTF-8.
            throw unusable(path, "it is damaged (" + e.getMessage() + ")");
        } catch (IOException e) {
            throw ModelFile.unreadable(path, e);
        }
    }

    private static InputException unusable(Path path, String reason) {
        return new InputException(
                "%s: cannot be used as a model: %s. There is no %s beside it, so it is not one that Starling's train job has finished; expected is then a MultiLayerNetwork as DL4J's ModelSerializer writes it, or Keras weights (.h5)."
                        .formatted(path, reason, ModelFile.descriptionPath(path).getName()));
    }
}
