package org.starling.ml;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.DefaultParamsWriter;
import org.apache.spark.ml.util.Identifiable;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.InputException;
import org.starling.checkpoint.ModelFile;
import org.starling.checkpoint.SavedModel;
import org.starling.evaluation.Classifier;

/**
 * A trained image classifier as a transformer of Spark ML: to each row it adds the number of the image's most probable class and the probabilities of
 * all, with the bits that {@code starling predict} writes.
 *
 * <p>Executors read the model where it lies, which must be on a file system that all of them see; the driver has its parameters in memory too, to save
 * it. It is saved as {@code model.zip} and {@code model.json}, as a training writes them, beside Spark ML's metadata.
 */
public final class ImageClassifierModel extends Model<ImageClassifierModel> implements MLWritable {
    private static final long serialVersionUID = 1L;

    private final String uid;
    private final String path;
    private final transient SavedModel model;
    private final transient ClassifierParams params;

    private ImageClassifierModel(String uid, String path, SavedModel model) {
        this.uid = uid;
        this.path = path;
        this.model = model;
        this.params = new ClassifierParams(this);
        params.setDefaults();
    }

    /**
     * The model of a training, wherever it was trained.
     *
     * @param path a model zip or a run directory on any Hadoop FileSystem
     * @throws InputException when it cannot be used
     */
    public static ImageClassifierModel of(String path) {
        return of(Identifiable.randomUID("imageClassifier"), new Path(path), SparkSession.active());
    }

    static ImageClassifierModel of(String uid, Path path, SparkSession spark) {
        Configuration configuration = spark.sparkContext().hadoopConfiguration();
        try {
            Path qualified = path.getFileSystem(configuration).makeQualified(path);
            return new ImageClassifierModel(uid, qualified.toString(), SavedModel.shared(qualified, configuration));
        } catch (IOException e) {
            throw new InputException("%s: the model cannot be read: %s".formatted(path, e.getMessage()), e);
        }
    }

    @Override
    public String uid() {
        return uid;
    }

    /** Names of the classes, by their numbers. */
    public String[] labels() {
        return model.description().labels().toArray(String[]::new);
    }

    /** Classes of the model. */
    public int numClasses() {
        return model.description().labels().size();
    }

    public Param<String> inputCol() {
        return params.inputCol;
    }

    public Param<String> predictionCol() {
        return params.predictionCol;
    }

    public Param<String> probabilityCol() {
        return params.probabilityCol;
    }

    public Param<String> errorCol() {
        return params.errorCol;
    }

    public Param<String> handleInvalid() {
        return params.handleInvalid;
    }

    public IntParam inferenceBatch() {
        return params.inferenceBatch;
    }

    /** Column of images: binary, the bytes of image files, or Spark's image structure ({@code image} unless it is set). */
    public ImageClassifierModel setInputCol(String name) {
        return with(params.inputCol, name);
    }

    /** Column of doubles, the number of the most probable class ({@code prediction} unless it is set); empty for none. */
    public ImageClassifierModel setPredictionCol(String name) {
        return with(params.predictionCol, name);
    }

    /** Column of vectors, the classes' probabilities ({@code probability} unless it is set); empty for none. */
    public ImageClassifierModel setProbabilityCol(String name) {
        return with(params.probabilityCol, name);
    }

    /** Column of strings, why an image could not be read (none unless it is set). */
    public ImageClassifierModel setErrorCol(String name) {
        return with(params.errorCol, name);
    }

    /** What becomes of rows whose image is null or cannot be read: {@code error} (unless it is set), {@code skip}, {@code keep}. */
    public ImageClassifierModel setHandleInvalid(String how) {
        return with(params.handleInvalid, how);
    }

    /** Pictures that the network computes at once. */
    public ImageClassifierModel setInferenceBatch(int pictures) {
        return with(params.inferenceBatch, pictures);
    }

    private <T> ImageClassifierModel with(Param<T> param, T value) {
        set(param, value);
        return this;
    }

    @Override
    public StructType transformSchema(StructType schema) {
        return params.transformed(schema, model.description().labels());
    }

    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        StructType schema = transformSchema(dataset.schema());
        ClassifyRows rows = new ClassifyRows(
                Classifier.of(List.of(path)),
                ImageColumn.of(dataset.schema(), params.value(params.inputCol)),
                !params.value(params.predictionCol).isEmpty(),
                !params.value(params.probabilityCol).isEmpty(),
                !params.value(params.errorCol).isEmpty(),
                params.value(params.handleInvalid),
                params.batch(),
                new SerializableConfiguration(
                        dataset.sparkSession().sparkContext().hadoopConfiguration()));
        Dataset<Row> answered = dataset.toDF().mapPartitions(rows, Encoders.row(schema));
        // An encoder keeps no metadata of columns.
        return answered.select(Arrays.stream(schema.fields())
                .map(field -> answered.col("`" + field.name().replace("`", "``") + "`")
                        .as(field.name(), field.metadata()))
                .toArray(Column[]::new));
    }

    @Override
    public ImageClassifierModel copy(ParamMap extra) {
        return copyValues(new ImageClassifierModel(uid, path, model), extra).setParent(parent());
    }

    /** Writes nothing over a folder that exists, unless {@code overwrite()} is called. */
    @Override
    public MLWriter write() {
        return new Writer(this);
    }

    /** Reads what {@link #write} has written. */
    public static MLReader<ImageClassifierModel> read() {
        return new Reader();
    }

    /** @throws InputException when the folder holds no such model */
    public static ImageClassifierModel load(String path) {
        return read().load(path);
    }

    @Override
    public String toString() {
        return "ImageClassifierModel: uid=%s, model=%s, numClasses=%d".formatted(uid, path, numClasses());
    }

    private static final class Writer extends MLWriter {
        private final ImageClassifierModel saved;

        Writer(ImageClassifierModel saved) {
            this.saved = saved;
        }

        @Override
        public void saveImpl(String folder) {
            new DefaultParamsWriter(saved).saveImpl(folder);
            try {
                saved.model.write(new Path(folder, ModelFile.FIRST_IN_RUN), sc().hadoopConfiguration());
            } catch (IOException e) {
                throw new InputException("%s: the model cannot be written: %s".formatted(folder, e.getMessage()), e);
            }
        }
    }

    private static final class Reader extends MLReader<ImageClassifierModel> {
        @Override
        public ImageClassifierModel load(String folder) {
            DefaultParamsReader.Metadata metadata =
                    DefaultParamsReader.loadMetadata(folder, sc(), ImageClassifierModel.class.getName());
            ImageClassifierModel loaded = of(metadata.uid(), new Path(folder, ModelFile.FIRST_IN_RUN), sparkSession());
            metadata.getAndSetParams(loaded, scala.Option.empty());
            return loaded;
        }
    }
}
