package org.starling.training;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.serializers.JavaSerializer;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import org.apache.spark.serializer.KryoRegistrator;

/**
 * What {@code spark.serializer=org.apache.spark.serializer.KryoSerializer} needs to know of Starling's classes, for
 * {@code spark.kryo.registrator}. Kryo cannot build records, so they are left to Java's serialization; everything large is a {@code byte[]},
 * which Spark writes with Kryo anyway.
 */
public final class StarlingKryoRegistrator implements KryoRegistrator {
    /** Every record that declares itself Serializable, and what else of Starling's travels by itself. Some are private to their packages. */
    static final List<String> TYPES = List.of(
            "org.starling.averaging.MovingAverage",
            "org.starling.averaging.OuterStep",
            "org.starling.averaging.OuterStep$Span",
            "org.starling.checkpoint.Checkpoint$Part",
            "org.starling.checkpoint.ForeignModelOptions",
            "org.starling.checkpoint.WeightFile",
            "org.starling.data.ArchivedImage",
            "org.starling.data.BadImage",
            "org.starling.data.Census$Entry",
            "org.starling.data.Census$Part",
            "org.starling.data.CifarSource$Batch",
            "org.starling.data.CifarSource$Slice",
            "org.starling.data.ColourSums",
            "org.starling.data.IdxSource$Slice",
            "org.starling.data.ImageEncoder",
            "org.starling.data.ImageFile",
            "org.starling.data.ImageRecord",
            "org.starling.data.ImageSetSummary$Candidate",
            "org.starling.data.ImageSetSummary$Part",
            "org.starling.data.ImageSetSummary$Sample",
            "org.starling.data.ImageSource$ImageName",
            "org.starling.data.Normalization",
            "org.starling.data.Oversampling",
            "org.starling.data.ParquetSource$RowGroup",
            "org.starling.data.PreparationPlan$PlannedShard",
            "org.starling.data.PreparedCheck$Named",
            "org.starling.data.PreparedSet$Shard",
            "org.starling.data.PreparedSource$Block",
            "org.starling.data.Preprocessing",
            "org.starling.data.SequenceFileSource$Part",
            "org.starling.data.Shard",
            "org.starling.data.Shard$Part",
            "org.starling.data.augmentation.Augmentation",
            "org.starling.data.augmentation.Brightness",
            "org.starling.data.augmentation.Contrast",
            "org.starling.data.augmentation.Lighting",
            "org.starling.data.augmentation.Mirror",
            "org.starling.data.augmentation.RandomCrop",
            "org.starling.data.augmentation.RandomErasing",
            "org.starling.data.augmentation.RandomResizedCrop",
            "org.starling.data.augmentation.Saturation",
            "org.starling.data.augmentation.Shift",
            "org.starling.dl4j.AveragingSettings",
            "org.starling.dl4j.NetworkVectors$SliceName",
            "org.starling.dl4j.RoundOrder",
            "org.starling.dl4j.WorkerNetwork$Blueprint",
            "org.starling.dl4j.WorkerRound",
            "org.starling.evaluation.Calibration",
            "org.starling.evaluation.Classifier",
            "org.starling.evaluation.EvaluationResult",
            "org.starling.evaluation.EvaluationResult$Sparse",
            "org.starling.evaluation.Evaluator$Part",
            "org.starling.evaluation.Mistake",
            "org.starling.evaluation.PredictionAverage",
            "org.starling.evaluation.PredictionTable",
            "org.starling.evaluation.PredictionTable$Labels",
            "org.starling.evaluation.PredictionTable$Layer",
            "org.starling.evaluation.Score",
            "org.starling.model.Activations",
            "org.starling.model.ImageShape",
            "org.starling.model.ImageSize",
            "org.starling.model.KernelLayout",
            "org.starling.model.LayerSummary",
            "org.starling.model.ModelOptions",
            "org.starling.model.ParameterTensor",
            "org.starling.model.Regularizer",
            "org.starling.model.Slice",
            "org.starling.model.SlicePlan",
            "org.starling.model.WeightArray",
            "org.starling.model.Window",
            "org.starling.training.Cpu",
            "org.starling.training.ExecutorHealth",
            "org.starling.training.ExecutorHealth$Disk",
            "org.starling.training.ExecutorReport",
            "org.starling.training.ReplicaEvaluation",
            "org.starling.training.ReplicaSettings",
            "org.starling.training.ReplicaStatistics",
            "org.starling.training.RoundPlan",
            "org.starling.training.StartWeights",
            "org.starling.training.TrainingConfiguration$ClippingSettings",
            "org.starling.training.TrainingConfiguration$OptimizerSettings");

    @Override
    public void registerClasses(Kryo kryo) {
        for (String name : TYPES) {
            register(kryo, classNamed(name));
        }
        // Java's own lists, of which Spark registers some only.
        for (List<?> list : List.of(
                List.of(), List.of(1), Collections.emptyList(), List.of(1, 2).subList(0, 1))) {
            register(kryo, list.getClass());
        }
        register(kryo, Object[].class);
        // What is broadcast of names.
        register(kryo, byte[][].class);
        register(kryo, HashMap.class);
    }

    private static void register(Kryo kryo, Class<?> type) {
        kryo.register(type, new JavaSerializer());
    }

    private static Class<?> classNamed(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }
}
