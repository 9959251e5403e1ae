package org.starling.ml;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.InputException;
import org.starling.data.ImageRecord;
import org.starling.evaluation.Answers;
import org.starling.evaluation.Answers.Answer;
import org.starling.evaluation.Classifier;
import org.starling.evaluation.PredictionTable;

/** Adds to a partition's rows what a classifier says of their images. */
final class ClassifyRows implements MapPartitionsFunction<Row, Row> {
    private static final long serialVersionUID = 1L;

    private final Classifier classifier;
    private final ImageColumn images;
    private final boolean prediction;
    private final boolean probability;
    private final boolean error;
    private final String handleInvalid;
    private final int batch;
    private final SerializableConfiguration hadoop;

    /**
     * @param prediction whether there is a column for the most probable class, and so on
     * @param handleInvalid as {@link ImageClassifierModel#setHandleInvalid}
     */
    ClassifyRows(
            Classifier classifier,
            ImageColumn images,
            boolean prediction,
            boolean probability,
            boolean error,
            String handleInvalid,
            int batch,
            SerializableConfiguration hadoop) {
        this.classifier = classifier;
        this.images = images;
        this.prediction = prediction;
        this.probability = probability;
        this.error = error;
        this.handleInvalid = handleInvalid;
        this.batch = batch;
        this.hadoop = hadoop;
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        if (!rows.hasNext()) {
            return rows;
        }
        // Rows of images that are being decoded or computed, in the order of the answers.
        Queue<Row> waiting = new ConcurrentLinkedQueue<>();
        Iterator<ImageRecord> records = new Iterator<>() {
            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public ImageRecord next() {
                Row row = rows.next();
                waiting.add(row);
                return images.image(row);
            }
        };
        Answers answers = new Answers(classifier, new PredictionTable.Labels(1), records, batch, hadoop.value());
        return new Iterator<>() {
            private Row next;

            @Override
            public boolean hasNext() {
                while (next == null && answers.hasNext()) {
                    next = answered(waiting.remove(), answers.next());
                }
                return next != null;
            }

            @Override
            public Row next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                Row row = next;
                next = null;
                return row;
            }
        };
    }

    /** The row with its new columns; null for one that is left out. */
    private Row answered(Row row, Answer answer) {
        boolean invalid = answer.error() != null;
        if (invalid && handleInvalid.equals(ClassifierParams.SKIP)) {
            return null;
        }
        if (invalid && handleInvalid.equals(ClassifierParams.ERROR)) {
            throw new InputException("%s cannot be read: %s. Repair or remove it, or set handleInvalid to skip or keep."
                    .formatted(answer.image().name(), answer.error()));
        }
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < row.size(); i++) {
            values.add(row.get(i));
        }
        if (prediction) {
            values.add(invalid ? null : (Object) (double) answer.mostProbable());
        }
        if (probability) {
            values.add(invalid ? null : vector(answer.values()));
        }
        if (error) {
            values.add(answer.error());
        }
        return RowFactory.create(values.toArray());
    }

    private static Vector vector(float[] probabilities) {
        double[] values = new double[probabilities.length];
        for (int c = 0; c < values.length; c++) {
            values[c] = probabilities[c];
        }
        return Vectors.dense(values);
    }
}
