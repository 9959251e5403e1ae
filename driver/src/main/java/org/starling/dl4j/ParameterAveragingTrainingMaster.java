package org.starling.dl4j;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;
import org.deeplearning4j.core.loader.DataSetLoader;
import org.deeplearning4j.core.loader.MultiDataSetLoader;
import org.deeplearning4j.core.storage.StatsStorageRouter;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.spark.api.RDDTrainingApproach;
import org.deeplearning4j.spark.api.Repartition;
import org.deeplearning4j.spark.api.RepartitionStrategy;
import org.deeplearning4j.spark.api.TrainingHook;
import org.deeplearning4j.spark.api.TrainingMaster;
import org.deeplearning4j.spark.api.TrainingResult;
import org.deeplearning4j.spark.api.TrainingWorker;
import org.deeplearning4j.spark.api.stats.SparkTrainingStats;
import org.deeplearning4j.spark.impl.graph.SparkComputationGraph;
import org.deeplearning4j.spark.impl.multilayer.SparkDl4jMultiLayer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.starling.InputException;
import org.starling.dl4j.FitTimes.Part;

/**
 * Parameter averaging for dl4j-spark's {@link SparkDl4jMultiLayer}, with Starling's kernels in the workers. It has the builder of dl4j-spark's class
 * of the same name and trains the same way: each worker fits its own copy of the network, with the updater that the network is configured with, on
 * {@code averagingFrequency} minibatches of {@code batchSizePerWorker} examples, then parameters and updater state are averaged, and so on until
 * the data has been passed over once. It differs in this:
 *
 * <ul>
 *   <li>workers count by the examples that they trained in the round;
 *   <li>every example is trained; none is left out to make rounds of one size;
 *   <li>parameters leave the driver once, when a fit begins, and come back once, when it ends; between rounds the executors exchange them;
 *   <li>data is dealt to the workers once for each RDD, and stays with them; a fit of the same RDD moves none;
 *   <li>the result is a function of network, data, numWorkers and settings, whatever the number of executors.
 * </ul>
 *
 * A fit that fails leaves the driver's network as it was.
 */
public final class ParameterAveragingTrainingMaster
        implements TrainingMaster<TrainingResult, TrainingWorker<TrainingResult>>, Serializable {
    private static final long serialVersionUID = 1L;

    private final AveragingSettings settings;
    private final List<TrainingHook> hooks;
    private final List<TrainingListener> listeners = new ArrayList<>();
    private FitTimes times;
    private transient WorkerData data;

    private ParameterAveragingTrainingMaster(AveragingSettings settings, Collection<TrainingHook> hooks) {
        this.settings = settings;
        this.hooks = new ArrayList<>(hooks);
        setCollectTrainingStats(settings.collectTrainingStats());
    }

    /** A master as {@link #toJson} wrote it; hooks and listeners are not part of that. */
    public static ParameterAveragingTrainingMaster fromJson(String json) {
        return new ParameterAveragingTrainingMaster(AveragingSettings.fromJson(json), List.of());
    }

    @Override
    public String toJson() {
        return settings.toJson();
    }

    /** JSON, which YAML 1.2 contains. */
    @Override
    public String toYaml() {
        return toJson();
    }

    /**
     * Trains one pass over the data, after which the driver's network holds the averaged parameters and updater state.
     *
     * @throws InputException when there is no data, or the network's parameters are not FLOAT
     */
    @Override
    public void executeTraining(SparkDl4jMultiLayer spark, JavaRDD<DataSet> trainingData) {
        requireFloat(spark.getNetwork());
        JavaSparkContext context = spark.getSparkContext();
        try {
            spark.setScore(times.measure(Part.FIT, () -> {
                WorkerData dealt = dealt(trainingData, workers(context));
                return new Fit(context, spark.getNetwork(), dealt, settings, times)
                        .run(List.copyOf(hooks), List.copyOf(listeners));
            }));
        } catch (Exception e) {
            // What a task threw arrives wrapped in Spark's exceptions, some of them checked and undeclared.
            Optional<InputException> refused = InputException.within(e);
            if (refused.isPresent()) {
                throw refused.get();
            }
            throw e;
        }
    }

    private static void requireFloat(MultiLayerNetwork network) {
        DataType type = network.params().dataType();
        if (type != DataType.FLOAT) {
            throw new InputException("The network's parameters are of type " + type
                    + "; Starling trains FLOAT. Build the network with .dataType(DataType.FLOAT), or train it with"
                    + " org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster.");
        }
    }

    /** As many as Spark runs tasks at once, unless the builder was told. */
    private int workers(JavaSparkContext context) {
        if (settings.numWorkers() != null) {
            return settings.numWorkers();
        }
        int taskCpus = context.getConf().getInt("spark.task.cpus", 1);
        return Math.max(1, context.defaultParallelism() / taskCpus);
    }

    private WorkerData dealt(JavaRDD<DataSet> trainingData, int workers) {
        if (data == null || !data.isOf(trainingData)) {
            releaseData();
            StorageLevel storage =
                    settings.storageLevel() == null ? null : StorageLevel.fromString(settings.storageLevel());
            data = times.measure(
                    Part.DEAL, () -> WorkerData.deal(trainingData, workers, settings.repartition(), storage));
        }
        return data;
    }

    private void releaseData() {
        if (data != null) {
            data.release();
            data = null;
        }
    }

    /**
     * Trains one pass over files of DataSets. They are read once a call; what they hold is cached like any other data.
     *
     * @param graph must be null
     * @param loader reads one file
     * @param multiLoader is for graphs and not used
     */
    @Override
    public void executeTrainingPaths(
            SparkDl4jMultiLayer spark,
            SparkComputationGraph graph,
            JavaRDD<String> paths,
            DataSetLoader loader,
            MultiDataSetLoader multiLoader) {
        if (spark == null) {
            throw graphs();
        }
        if (loader == null) {
            throw new UnsupportedOperationException("files of MultiDataSets are for graphs; give a DataSetLoader");
        }
        executeTraining(spark, DataSetFiles.read(paths, loader));
    }

    /** @throws UnsupportedOperationException always */
    @Override
    public void executeTraining(SparkComputationGraph graph, JavaRDD<DataSet> trainingData) {
        throw graphs();
    }

    /** @throws UnsupportedOperationException always */
    @Override
    public void executeTrainingMDS(SparkComputationGraph graph, JavaRDD<MultiDataSet> trainingData) {
        throw graphs();
    }

    private static UnsupportedOperationException graphs() {
        return new UnsupportedOperationException("Starling trains MultiLayerNetworks, by SparkDl4jMultiLayer. For a"
                + " ComputationGraph use org.deeplearning4j.spark.impl.paramavg.ParameterAveragingTrainingMaster.");
    }

    /** @throws UnsupportedOperationException always */
    @Override
    public TrainingWorker<TrainingResult> getWorkerInstance(SparkDl4jMultiLayer network) {
        throw new UnsupportedOperationException("Starling's workers take parameters from each other and not from"
                + " the driver, so none can be made there. Call SparkDl4jMultiLayer.fit.");
    }

    /** @throws UnsupportedOperationException always */
    @Override
    public TrainingWorker<TrainingResult> getWorkerInstance(SparkComputationGraph graph) {
        throw graphs();
    }

    /** @param hook called by every worker before and after each minibatch; each round's workers have copies of their own */
    @Override
    public void addHook(TrainingHook hook) {
        hooks.add(hook);
    }

    @Override
    public void removeHook(TrainingHook hook) {
        hooks.remove(hook);
    }

    /** @param listeners of every worker's network; each round's workers have copies of their own. Null for none */
    @Override
    public void setListeners(Collection<TrainingListener> listeners) {
        setListeners(null, listeners);
    }

    /**
     * As above.
     *
     * @param router must be null
     * @throws UnsupportedOperationException for a router: what workers observe does not come to the driver
     */
    @Override
    public void setListeners(StatsStorageRouter router, Collection<TrainingListener> listeners) {
        if (router != null) {
            throw new UnsupportedOperationException("Starling's workers do not send what listeners observe to the"
                    + " driver. Use setListeners(listeners), whose listeners run in the workers, or"
                    + " setCollectTrainingStats for the times of rounds.");
        }
        List<TrainingListener> given = listeners == null ? List.of() : List.copyOf(listeners);
        for (TrainingListener listener : given) {
            if (!(listener instanceof Serializable)) {
                throw new IllegalArgumentException(
                        "listener " + listener.getClass().getName()
                                + " does not implement java.io.Serializable, which it must to come to the workers");
            }
        }
        this.listeners.clear();
        this.listeners.addAll(given);
    }

    @Override
    public void setCollectTrainingStats(boolean collect) {
        times = new FitTimes(collect);
    }

    @Override
    public boolean getIsCollectTrainingStats() {
        return times.kept();
    }

    /** The times of all fits since statistics were asked for; null when they were not. */
    @Override
    public SparkTrainingStats getTrainingStats() {
        return times.kept() ? times : null;
    }

    /** Lets go the data that was dealt to the workers. There are no files. */
    @Override
    public boolean deleteTempFiles(JavaSparkContext context) {
        releaseData();
        return true;
    }

    /** As above. */
    @Override
    public boolean deleteTempFiles(SparkContext context) {
        releaseData();
        return true;
    }

    /** The settings of a master, by dl4j-spark's names. */
    public static final class Builder {
        private static final List<String> STORAGE_LEVELS = List.of(
                "MEMORY_ONLY",
                "MEMORY_ONLY_SER",
                "MEMORY_AND_DISK",
                "MEMORY_AND_DISK_SER",
                "DISK_ONLY",
                "MEMORY_ONLY_2",
                "MEMORY_ONLY_SER_2",
                "MEMORY_AND_DISK_2",
                "MEMORY_AND_DISK_SER_2",
                "DISK_ONLY_2",
                "DISK_ONLY_3",
                "OFF_HEAP",
                "NONE");

        private final Integer numWorkers;
        private final int rddDataSetNumExamples;
        private int batchSizePerWorker = 16;
        private int averagingFrequency = 5;
        private int aggregationDepth = 2;
        private int prefetchNumBatches = 0;
        private boolean saveUpdater = true;
        private Repartition repartition = Repartition.Always;
        private RepartitionStrategy repartitionStrategy = RepartitionStrategy.Balanced;
        private String storageLevel = "MEMORY_AND_DISK";
        private RDDTrainingApproach rddTrainingApproach = RDDTrainingApproach.Direct;
        private long rngSeed = 1;
        private boolean collectTrainingStats = false;
        private Collection<TrainingHook> hooks = List.of();

        /** @param rddDataSetNumExamples examples in each DataSet of the RDD */
        public Builder(int rddDataSetNumExamples) {
            this(null, rddDataSetNumExamples);
        }

        /**
         * A builder.
         *
         * @param numWorkers copies of the network that are trained and averaged, whatever the number of executors; null for as many as Spark runs
         *     tasks at once
         * @param rddDataSetNumExamples examples in each DataSet of the RDD
         */
        public Builder(Integer numWorkers, int rddDataSetNumExamples) {
            this.numWorkers = numWorkers;
            this.rddDataSetNumExamples = rddDataSetNumExamples;
        }

        /** Examples of a minibatch; 16 unless set. */
        public Builder batchSizePerWorker(int examples) {
            this.batchSizePerWorker = examples;
            return this;
        }

        /** Minibatches that a worker trains between two averages; 5 unless set. */
        public Builder averagingFrequency(int minibatches) {
            this.averagingFrequency = minibatches;
            return this;
        }

        /** Without effect: averages are not collected by a tree. */
        public Builder aggregationDepth(int levels) {
            this.aggregationDepth = levels;
            return this;
        }

        /** Minibatches that a worker makes ahead of time, on a thread of their own; 0, for none, unless set. */
        public Builder workerPrefetchNumBatches(int minibatches) {
            this.prefetchNumBatches = minibatches;
            return this;
        }

        /**
         * Whether the updater's state (momentum, Adam's moments, ...) is averaged with the parameters, which is so unless set; otherwise every
         * round starts with a new updater. dl4j-spark's documentation has the same default, its code the other.
         */
        public Builder saveUpdater(boolean save) {
            this.saveUpdater = save;
            return this;
        }

        /**
         * When data is dealt to the workers evenly: always unless set. With {@link Repartition#Never} the partitions of the RDD are the workers'
         * data as they are, and their number is that of the workers.
         */
        public Builder repartionData(Repartition when) {
            this.repartition = when;
            return this;
        }

        /** Without effect: data that is dealt is dealt evenly. */
        public Builder repartitionStrategy(RepartitionStrategy strategy) {
            this.repartitionStrategy = strategy;
            return this;
        }

        /** Of the dealt data; MEMORY_AND_DISK unless set. Null for none: then it is dealt again for every round. */
        public Builder storageLevel(StorageLevel level) {
            this.storageLevel = level == null ? null : name(level);
            return this;
        }

        private static String name(StorageLevel level) {
            return STORAGE_LEVELS.stream()
                    .filter(name -> StorageLevel.fromString(name).equals(level))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("storageLevel: " + level.description()
                            + ", expected one of StorageLevel's constants: " + String.join(", ", STORAGE_LEVELS)));
        }

        /** Without effect: what files hold is dealt and stored as {@link #storageLevel} says. */
        public Builder storageLevelStreams(StorageLevel level) {
            return this;
        }

        /** Without effect: data is never exported to files. */
        public Builder rddTrainingApproach(RDDTrainingApproach approach) {
            this.rddTrainingApproach = approach;
            return this;
        }

        /** Without effect: data is never exported to files. */
        public Builder exportDirectory(String directory) {
            return this;
        }

        /** What the order of data and dropout are drawn from; 1 unless set. */
        public Builder rngSeed(long seed) {
            this.rngSeed = seed;
            return this;
        }

        /** Whether times are kept for {@link #getTrainingStats}. */
        public Builder collectTrainingStats(boolean collect) {
            this.collectTrainingStats = collect;
            return this;
        }

        /** Called by every worker before and after each minibatch. */
        public Builder trainingHooks(Collection<TrainingHook> hooks) {
            this.hooks = List.copyOf(hooks);
            return this;
        }

        /** As above. */
        public Builder trainingHooks(TrainingHook... hooks) {
            return trainingHooks(Arrays.asList(hooks));
        }

        /** @throws IllegalArgumentException when a number is out of its range */
        public ParameterAveragingTrainingMaster build() {
            AveragingSettings settings = new AveragingSettings(
                    numWorkers,
                    rddDataSetNumExamples,
                    batchSizePerWorker,
                    averagingFrequency,
                    aggregationDepth,
                    prefetchNumBatches,
                    saveUpdater,
                    repartition,
                    repartitionStrategy,
                    storageLevel,
                    rddTrainingApproach,
                    rngSeed,
                    collectTrainingStats);
            return new ParameterAveragingTrainingMaster(settings, hooks);
        }
    }
}
