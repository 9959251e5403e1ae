package org.starling.dl4j;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.apache.spark.TaskContext;
import org.deeplearning4j.datasets.iterator.IteratorDataSetIterator;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.deeplearning4j.spark.api.TrainingHook;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.starling.averaging.Contribution;
import org.starling.data.PrefetchingIterator;
import org.starling.model.Slice;
import org.starling.training.Seeds;
import org.starling.training.TaskPool;

/**
 * One round of one worker, a function of (slices, the worker's data, this): {@code MultiLayerNetwork.fit} on its minibatches, then its slices.
 *
 * @param order which DataSets are this round's
 * @param round number within this pass over the data, from 0
 * @param iteration of the network when the round begins, for schedules and dropout
 * @param epoch of the network
 * @param batch examples of a minibatch
 * @param prefetch minibatches made ahead of time; 0 for none
 * @param seed of dropout
 * @param hooks called around every minibatch
 * @param listeners of every worker's network
 */
record WorkerRound(
        WorkerNetwork.Blueprint blueprint,
        RoundOrder order,
        int round,
        int iteration,
        int epoch,
        int batch,
        int prefetch,
        long seed,
        List<TrainingHook> hooks,
        List<TrainingListener> listeners)
        implements Serializable {
    private static final long serialVersionUID = 1L;
    private static final TaskPool<WorkerNetwork> NETWORKS = new TaskPool<>();

    /**
     * Trains and contributes.
     *
     * @param data all that the worker has; see {@link EncodedDataSet}
     * @param gathered every averaged slice
     * @return the network's slices, which are not copied yet, and the statistics; without examples the statistics alone
     */
    Iterator<Contribution> train(Iterator<byte[]> data, Iterator<byte[]> gathered) {
        TaskContext task = TaskContext.get();
        int worker = task.partitionId();
        List<byte[]> mine = ofThisRound(worker, data);
        WorkerNetwork network = NETWORKS.lease(blueprint, () -> new WorkerNetwork(blueprint), task);
        load(network.vectors(), gathered);
        WorkerStatistics statistics = fit(network, worker, mine);
        NetworkVectors vectors = network.vectors();
        Stream<Contribution> slices = statistics.examples() == 0
                ? Stream.empty()
                : vectors.names().map(name -> vectors.contribution(name, worker));
        return Stream.concat(slices, Stream.of(Contribution.of(statistics.toSlice())))
                .iterator();
    }

    private List<byte[]> ofThisRound(int worker, Iterator<byte[]> data) {
        IntSupplier rounds = order.ofWorker(worker);
        List<byte[]> mine = new ArrayList<>();
        data.forEachRemaining(bytes -> {
            if (rounds.getAsInt() == round) {
                mine.add(bytes);
            }
        });
        return mine;
    }

    private static void load(NetworkVectors vectors, Iterator<byte[]> gathered) {
        gathered.forEachRemaining(bytes -> {
            Slice slice = new Slice(bytes);
            if (slice.vector() >= 0) {
                vectors.load(slice);
            }
        });
    }

    private WorkerStatistics fit(WorkerNetwork network, int worker, List<byte[]> mine) {
        long startMillis = System.currentTimeMillis();
        long start = System.nanoTime();
        int steps = 0;
        long examples = 0;
        network.begin(iteration, epoch, listeners);
        Iterator<DataSet> own =
                mine.stream().map(bytes -> new EncodedDataSet(bytes).decode()).iterator();
        try (Minibatches minibatches = Minibatches.of(new IteratorDataSetIterator(own, batch), prefetch)) {
            for (Iterator<DataSet> all = minibatches.iterator(); all.hasNext(); steps++) {
                network.checkCancelled();
                DataSet minibatch = all.next();
                examples += minibatch.numExamples();
                Nd4j.getRandom().setSeed(Seeds.dropout(seed, worker, (long) iteration + steps));
                hooks.forEach(hook -> hook.preUpdate(minibatch, network.network()));
                network.network().fit(minibatch);
                hooks.forEach(hook -> hook.postUpdate(minibatch, network.network()));
            }
            double score = steps == 0 ? 0 : network.network().score();
            long millis = (System.nanoTime() - start) / 1_000_000;
            return new WorkerStatistics(worker, steps, examples, score, startMillis, millis);
        } finally {
            network.end();
        }
    }

    /** Minibatches, made ahead of time or when asked for. */
    private record Minibatches(Iterator<DataSet> iterator, PrefetchingIterator<DataSet> prefetching)
            implements AutoCloseable {
        static Minibatches of(Iterator<DataSet> source, int ahead) {
            if (ahead == 0) {
                return new Minibatches(source, null);
            }
            PrefetchingIterator<DataSet> prefetching = new PrefetchingIterator<>(source, ahead);
            return new Minibatches(prefetching, prefetching);
        }

        @Override
        public void close() {
            if (prefetching != null) {
                prefetching.close();
            }
        }
    }
}
