package org.starling.ml;

import java.util.List;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.Params;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.starling.InputException;
import org.starling.evaluation.Evaluator;

/** The parameters that {@link ImageClassifier} and {@link ImageClassifierModel} share. */
final class ClassifierParams {
    static final String ERROR = "error";
    static final String SKIP = "skip";
    static final String KEEP = "keep";

    final Param<String> inputCol;
    final Param<String> predictionCol;
    final Param<String> probabilityCol;
    final Param<String> errorCol;
    final Param<String> handleInvalid;
    final IntParam inferenceBatch;

    private final Params owner;

    ClassifierParams(Params owner) {
        this.owner = owner;
        inputCol = new Param<>(
                owner,
                "inputCol",
                "column of images: bytes of image files, or pictures as Spark's source image decodes them");
        predictionCol =
                new Param<>(owner, "predictionCol", "column of the most probable class's number; empty for none");
        probabilityCol = new Param<>(owner, "probabilityCol", "column of the classes' probabilities; empty for none");
        errorCol = new Param<>(owner, "errorCol", "column that says why an image could not be read; empty for none");
        handleInvalid = new Param<>(
                owner,
                "handleInvalid",
                "what becomes of rows whose image is null or cannot be read: error (the default), skip, or keep, with"
                        + " null in the columns of predictions; a training leaves them out where it does not fail",
                ParamValidators.inArray(List.of(ERROR, SKIP, KEEP)));
        inferenceBatch = new IntParam(
                owner, "inferenceBatch", "pictures that the network computes at once", ParamValidators.gt(0));
    }

    void setDefaults() {
        owner.setDefault(inputCol, "image");
        owner.setDefault(predictionCol, "prediction");
        owner.setDefault(probabilityCol, "probability");
        owner.setDefault(errorCol, "");
        owner.setDefault(handleInvalid, ERROR);
        owner.setDefault(inferenceBatch, Evaluator.BATCH);
    }

    String value(Param<String> param) {
        return owner.getOrDefault(param);
    }

    int batch() {
        return (int) owner.getOrDefault(inferenceBatch);
    }

    /**
     * The schema with the columns of predictions.
     *
     * @param labels class names, or null where they are not known yet
     * @throws InputException when the input column is missing or holds no images, or a column of predictions exists
     */
    StructType transformed(StructType schema, List<String> labels) {
        ImageColumn.of(schema, value(inputCol));
        StructType all = schema;
        if (!value(predictionCol).isEmpty()) {
            all = added(all, value(predictionCol)).add(prediction(labels));
        }
        if (!value(probabilityCol).isEmpty()) {
            all = added(all, value(probabilityCol)).add(value(probabilityCol), SQLDataTypes.VectorType());
        }
        if (!value(errorCol).isEmpty()) {
            all = added(all, value(errorCol)).add(value(errorCol), DataTypes.StringType);
        }
        return all;
    }

    /** A nominal attribute, from which IndexToString learns the names of the classes. */
    private StructField prediction(List<String> labels) {
        NominalAttribute attribute = NominalAttribute.defaultAttr().withName(value(predictionCol));
        return new StructField(
                value(predictionCol),
                DataTypes.DoubleType,
                true,
                (labels == null ? attribute : attribute.withValues(labels.toArray(String[]::new))).toMetadata());
    }

    private static StructType added(StructType schema, String name) {
        if (List.of(schema.fieldNames()).contains(name)) {
            throw new InputException(
                    "The column '%s' exists already, and predictions would go there. Drop it, or choose another name."
                            .formatted(name));
        }
        return schema;
    }
}
