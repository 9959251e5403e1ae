package org.starling.evaluation;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** What a {@link PredictionTable} says of an image, between its path and an error. */
interface AnswerColumns extends Serializable {
    /** A schema with these columns at its end; null stands in them for a bad image. */
    StructType appendedTo(StructType schema);

    /**
     * Appends the values of an image.
     *
     * @param answer what the network put out; null for a bad image
     */
    void append(List<Object> values, float[] answer);

    /**
     * The most probable classes with their probabilities.
     *
     * @param labels of the classes
     * @param top how many
     */
    record TopLabels(List<String> labels, int top) implements AnswerColumns {
        @Override
        public StructType appendedTo(StructType schema) {
            StructType all = schema;
            for (int k = 1; k <= top; k++) {
                String suffix = k == 1 ? "" : "_" + k;
                all = all.add("label" + suffix, DataTypes.StringType).add("probability" + suffix, DataTypes.FloatType);
            }
            return all;
        }

        @Override
        public void append(List<Object> values, float[] answer) {
            if (answer == null) {
                values.addAll(Arrays.asList(new Object[2 * top]));
                return;
            }
            // Stable: the first of equals comes first.
            IntStream.range(0, answer.length)
                    .boxed()
                    .sorted(Comparator.comparing((Integer c) -> answer[c]).reversed())
                    .limit(top)
                    .forEach(c -> {
                        values.add(labels.get(c));
                        values.add(answer[c]);
                    });
        }
    }

    /** A layer's activations as one array. */
    record FeatureArray() implements AnswerColumns {
        @Override
        public StructType appendedTo(StructType schema) {
            return schema.add("features", DataTypes.createArrayType(DataTypes.FloatType, false));
        }

        @Override
        public void append(List<Object> values, float[] answer) {
            values.add(answer);
        }
    }

    /**
     * A layer's activations, a column each.
     *
     * @param count of them
     */
    record FeatureValues(int count) implements AnswerColumns {
        @Override
        public StructType appendedTo(StructType schema) {
            StructType all = schema;
            for (int i = 0; i < count; i++) {
                all = all.add("feature_" + i, DataTypes.FloatType);
            }
            return all;
        }

        @Override
        public void append(List<Object> values, float[] answer) {
            for (int i = 0; i < count; i++) {
                values.add(answer == null ? null : (Object) answer[i]);
            }
        }
    }
}
