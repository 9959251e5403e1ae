package org.starling.jobs.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.starling.data.Minibatch;
import org.starling.training.StepBenchmark;

/**
 * Training steps whose images come from files, beside those on images in memory: what the way from file to network costs the kernels.
 */
final class DataSteps implements AutoCloseable {
    private static final OperatingSystemMXBean PROCESS =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    private final DataFeed feed;
    private final int batch;
    private final List<Double> imagesPerSecond = new ArrayList<>();
    private double processSeconds;
    private double madeBefore;
    private double waitedBefore;

    DataSteps(DataFeed feed, int batch) {
        this.feed = feed;
        this.batch = batch;
    }

    /** A step before the first that is timed. */
    void warmUp(StepBenchmark benchmark) {
        train(benchmark);
        madeBefore = feed.madeSeconds();
        waitedBefore = feed.waitedSeconds();
    }

    /** A step that is timed. */
    void measure(StepBenchmark benchmark) {
        long cpu = PROCESS.getProcessCpuTime();
        long start = System.nanoTime();
        train(benchmark);
        imagesPerSecond.add(batch * 1e9 / (System.nanoTime() - start));
        processSeconds += (PROCESS.getProcessCpuTime() - cpu) / 1e9;
    }

    private void train(StepBenchmark benchmark) {
        Minibatch images = feed.next();
        benchmark.trainStep(images);
        feed.giveBack(images);
    }

    double last() {
        return imagesPerSecond.get(imagesPerSecond.size() - 1);
    }

    /**
     * What they cost.
     *
     * @param inMemory images a second of steps on images in memory, of the same rounds
     */
    Result result(Samples inMemory) {
        int steps = imagesPerSecond.size();
        double decode = feed.decodeSeconds(steps * batch);
        return new Result(
                new Samples(imagesPerSecond),
                new Samples(imagesPerSecond).over(inMemory),
                feed.waitedSeconds() - waitedBefore,
                (feed.madeSeconds() - madeBefore) / processSeconds,
                decode / processSeconds);
    }

    /**
     * @param imagesPerSecond training from files
     * @param inMemoryOverData seconds of a step on images in memory by those of one on images from files, round by round: 1 where files cost nothing
     * @param waitSeconds for which steps waited for their images, in all
     * @param dataCpu part of the processor's time of the steps that the thread takes which makes batches
     * @param decodeCpu part that javax.imageio alone takes for as many images
     */
    record Result(
            Samples imagesPerSecond, Samples inMemoryOverData, double waitSeconds, double dataCpu, double decodeCpu) {
        void text(ReportLines text) {
            text.add("");
            text.add("%-24s %9s %9s %9s", "images from files", "median", "min", "max");
            line(text, "images per second", imagesPerSecond);
            line(text, "in memory over data", inMemoryOverData);
            text.add(
                    "%s",
                    String.format(
                            Locale.ROOT,
                            "waited for images %.3f s; %.2f %% of the processor's time made batches, decoding alone takes %.2f %%",
                            waitSeconds,
                            100 * dataCpu,
                            100 * decodeCpu));
        }

        private static void line(ReportLines text, String name, Samples samples) {
            text.add("%-24s %9.2f %9.2f %9.2f", name, samples.median(), samples.min(), samples.max());
        }

        void json(ObjectNode root) {
            ObjectNode node = root.put("in_memory_over_data", Figures.rounded(inMemoryOverData.median()))
                    .putObject("data");
            node.put("train_images_per_second", Figures.rounded(imagesPerSecond.median()))
                    .put("wait_seconds", Figures.rounded(waitSeconds))
                    .put("data_cpu_fraction", Figures.rounded(dataCpu))
                    .put("decode_cpu_fraction", Figures.rounded(decodeCpu));
            ObjectNode spread = node.putObject("spread");
            Figures.spread(spread.putObject("train_images_per_second"), imagesPerSecond);
            Figures.spread(spread.putObject("in_memory_over_data"), inMemoryOverData);
        }
    }

    @Override
    public void close() {
        feed.close();
    }
}
