package org.starling.export;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.Version;
import org.starling.checkpoint.ForeignModelOptions;
import org.starling.checkpoint.ModelDescription;
import org.starling.checkpoint.SavedModel;
import org.starling.data.Normalization;

/** Writes a trained model for other programs. */
public final class ModelExport {
    /** Of protobuf, in which ONNX is written, less what is not weights. */
    private static final long LARGEST_ONNX = Integer.MAX_VALUE - (16L << 20);

    /** What is written. */
    public enum Format {
        /** The network and its weights as a graph of ONNX's operators. */
        ONNX {
            @Override
            void write(SavedModel model, boolean normalized, OutputStream out) throws IOException {
                Normalization n = model.description().preprocessing().normalization();
                model.model()
                        .toOnnx(
                                model.parameters(),
                                normalized ? null : n.mean(),
                                normalized ? null : n.deviation(),
                                properties(model, normalized),
                                out);
            }
        },
        /** The weights alone, by name, in Keras's shapes. */
        SAFETENSORS {
            @Override
            void write(SavedModel model, boolean normalized, OutputStream out) throws IOException {
                SafetensorsFile.write(model.model(), model.parameters(), properties(model, true), out);
            }
        };

        abstract void write(SavedModel model, boolean normalized, OutputStream out) throws IOException;
    }

    private ModelExport() {}

    /**
     * Writes a model.
     *
     * @param model as {@link SavedModel#shared} takes it
     * @param foreign what is known of another program's model
     * @param file where nothing is
     * @param normalized whether an ONNX graph takes images that are normalized already, not values 0 to 255
     * @throws InputException when the model cannot be used, the file exists, or the model is too large for the format
     */
    public static void write(
            Path model,
            ForeignModelOptions foreign,
            Path file,
            Format format,
            boolean normalized,
            Configuration configuration) {
        SavedModel saved = SavedModel.shared(model, foreign, configuration);
        long bytes = Float.BYTES * saved.model().parameterCount();
        if (format == Format.ONNX && bytes > LARGEST_ONNX) {
            throw new InputException("%s: the network has %,d bytes of parameters, and an ONNX file holds at most %,d."
                    .formatted(model, bytes, LARGEST_ONNX));
        }
        try {
            FileSystem fileSystem = file.getFileSystem(configuration);
            OutputStream created = create(fileSystem, file);
            boolean whole = false;
            try (OutputStream out = new BufferedOutputStream(created, 1 << 16)) {
                format.write(saved, normalized, out);
                whole = true;
            } finally {
                if (!whole) {
                    fileSystem.delete(file, false);
                }
            }
        } catch (IOException e) {
            throw new InputException("%s: cannot be written: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static OutputStream create(FileSystem fileSystem, Path file) throws IOException {
        try {
            return fileSystem.create(file, false);
        } catch (FileAlreadyExistsException | java.nio.file.FileAlreadyExistsException e) {
            throw new InputException(
                    file + ": exists already, and is not overwritten. Name a file that does not exist.", e);
        }
    }

    /** What a reader needs beside the weights. */
    private static Map<String, String> properties(SavedModel model, boolean normalized) {
        ModelDescription description = model.description();
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("starlingVersion", Version.current());
        properties.put("labels", json(description.labels()));
        properties.put("dataFormat", model.model().input().format().kerasName());
        properties.put("shortSide", Integer.toString(description.preprocessing().shortSide()));
        if (normalized) {
            Normalization normalization = description.preprocessing().normalization();
            properties.put("mean", json(normalization.mean()));
            properties.put("deviation", json(normalization.deviation()));
        }
        return properties;
    }

    private static String json(Object value) {
        try {
            return new ObjectMapper().writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
