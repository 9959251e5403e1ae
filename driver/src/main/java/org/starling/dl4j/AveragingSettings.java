package org.starling.dl4j;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.Serializable;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.api.RepartitionStrategy;
import org.starling.InputException;

/**
 * What a {@link ParameterAveragingTrainingMaster} was told, by its builder's names.
 *
 * @param numWorkers null for as many as Spark runs tasks at once
 * @param storageLevel one of Spark's names, such as MEMORY_AND_DISK; null for none
 */
record AveragingSettings(
        Integer numWorkers,
        int rddDataSetNumExamples,
        int batchSizePerWorker,
        int averagingFrequency,
        int aggregationDepth,
        int prefetchNumBatches,
        boolean saveUpdater,
        Repartition repartition,
        RepartitionStrategy repartitionStrategy,
        String storageLevel,
        RDDTrainingApproach rddTrainingApproach,
        long rngSeed,
        boolean collectTrainingStats)
        implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    AveragingSettings {
        requirePositive("numWorkers", numWorkers == null ? 1 : numWorkers);
        requirePositive("rddDataSetNumExamples", rddDataSetNumExamples);
        requirePositive("batchSizePerWorker", batchSizePerWorker);
        requirePositive("averagingFrequency", averagingFrequency);
        requirePositive("aggregationDepth", aggregationDepth);
        if (prefetchNumBatches < 0) {
            throw new IllegalArgumentException(
                    "workerPrefetchNumBatches: " + prefetchNumBatches + ", expected 0 (no prefetching) or more");
        }
    }

    private static void requirePositive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + ", expected at least 1");
        }
    }

    /** How many DataSets a worker trains in a round; one where a DataSet is more than a round's examples. */
    int dataSetsPerRound() {
        return (int) Math.max(1, (long) batchSizePerWorker * averagingFrequency / rddDataSetNumExamples);
    }

    String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    static AveragingSettings fromJson(String json) {
        try {
            return JSON.readValue(json, AveragingSettings.class);
        } catch (JsonProcessingException e) {
            throw new InputException(
                    "This is not what ParameterAveragingTrainingMaster.toJson writes: " + e.getOriginalMessage(), e);
        }
    }
}
