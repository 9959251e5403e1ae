package org.starling.jobs.bench.averaging;

import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.model.SequentialModel;
import org.starling.training.AveragingBenchmark;

/**
 * dl4j-spark's rounds on the same network: the driver broadcasts the parameters, every worker fits one minibatch, and the driver sums up
 * what all send back. Data are made and cached before the first round, one partition a worker, and nothing is moved between workers.
 */
final class Dl4jAveraging implements Averaging {
    private final SparkDl4jMultiLayer network;
    private final JavaRDD<DataSet> examples;

    Dl4jAveraging(JavaSparkContext spark, SequentialModel model, int batch, int replicas, long seed) {
        ParameterAveragingTrainingMaster master = new ParameterAveragingTrainingMaster.Builder(replicas, 1)
                .batchSizePerWorker(batch)
                .averagingFrequency(1)
                // One minibatch a round: there is nothing to fetch ahead.
                .workerPrefetchNumBatches(0)
                .rddTrainingApproach(RDDTrainingApproach.Direct)
                .repartionData(Repartition.Never)
                // The examples are cached already, which Spark refuses to do twice.
                .storageLevel(null)
                .collectTrainingStats(false)
                .build();
        MultiLayerConfiguration configuration = model.toDl4j(seed);
        MultiLayerNetwork initial = new MultiLayerNetwork(configuration);
        initial.init();
        initial.setLearningRate(AveragingBenchmark.LEARNING_RATE);
        network = new SparkDl4jMultiLayer(spark, initial, master);

        long[] shape = model.input().tensor(batch);
        int classes = model.classes();
        List<Integer> numbers = IntStream.range(0, replicas).boxed().toList();
        examples = spark.parallelize(numbers, replicas)
                .map(replica -> minibatch(shape, classes, replica, seed))
                .cache();
        examples.count();
    }

    private static DataSet minibatch(long[] shape, int classes, int replica, long seed) {
        int batch = (int) shape[0];
        INDArray labels = Nd4j.zeros(batch, classes);
        for (int i = 0; i < batch; i++) {
            labels.putScalar(i, (replica + i) % classes, 1);
        }
        return new DataSet(
                Nd4j.rand(shape, 0.0, 255.0, Nd4j.getRandomFactory().getNewRandomInstance(seed + replica)), labels);
    }

    @Override
    public Double round() {
        network.fit(examples);
        return null;
    }
}
