package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.starling.InputException;
import org.starling.kernels.KernelProvider;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;
import org.starling.training.TrainingConfiguration.Kernels;
import org.starling.training.TrainingConfiguration.ModelSettings;

class ExecutorsTest {
    @ParameterizedTest
    @CsvSource({
        "local, , , , 0",
        "local[4], , , , 0",
        "'local-cluster[3,1,1024]', , , , 3",
        "spark://a:7077, 5, , , 5",
        "spark://a:7077, , 12, 4, 3",
        "spark://a:7077, , , 4, 1",
        "yarn, 2, , , 2"
    })
    void whatIsWaitedForIsWhatWasAskedFor(
            String master, String instances, String coresMax, String cores, int expected) {
        SparkConf conf = new SparkConf(false);
        set(conf, "spark.executor.instances", instances);
        set(conf, "spark.cores.max", coresMax);
        set(conf, "spark.executor.cores", cores);
        assertEquals(expected, Executors.expected(conf, master));
    }

    @ParameterizedTest
    @CsvSource({", , , 0", "2, , , 2", "1, 2, , 2", "2, 1, , 2", "1, , 5, 5"})
    void withDynamicAllocationThoseThatItBeginsWithAreWaitedFor(
            String least, String initial, String instances, int expected) {
        SparkConf conf = new SparkConf(false)
                .set("spark.dynamicAllocation.enabled", "true")
                .set("spark.cores.max", "12")
                .set("spark.executor.cores", "1");
        set(conf, "spark.dynamicAllocation.minExecutors", least);
        set(conf, "spark.dynamicAllocation.initialExecutors", initial);
        set(conf, "spark.executor.instances", instances);
        assertEquals(expected, Executors.expected(conf, "spark://a:7077"));
    }

    private static void set(SparkConf conf, String key, String value) {
        if (value != null) {
            conf.set(key, value);
        }
    }

    private static ExecutorReport executor(String host, String cpu, String vector) {
        return new ExecutorReport("0", host, "stock", true, new Cpu(cpu, vector), 8, "17.0.15", 4);
    }

    private static ModelSettings settings(Kernels kernels, boolean allowMixedCpus) {
        return new ModelSettings("model.json", ModelOptions.DEFAULT, kernels, allowMixedCpus, Optional.empty(), false);
    }

    private static final SequentialModel TINY = model("relu");

    private static SequentialModel model(String activation) {
        String json = TinyRun.modelJson(false)
                .replace("96,\"activation\":\"relu\"", "96,\"activation\":\"" + activation + "\"");
        return SequentialModel.parse(json, "tiny.json", ModelOptions.DEFAULT);
    }

    static List<List<ExecutorReport>> mixtures() {
        ExecutorReport epyc = executor("a", "EPYC", "avx2");
        return List.of(
                List.of(epyc, executor("b", "Xeon", "avx2")),
                // A hypervisor may hide what the model has.
                List.of(epyc, executor("b", "EPYC", "avx512f")));
    }

    @ParameterizedTest
    @MethodSource("mixtures")
    void stockKernelsOnDifferentCpusAreRefusedUnlessAllowed(List<ExecutorReport> mixture) {
        String message = assertThrows(
                        InputException.class,
                        () -> Executors.requireOneCpu(settings(Kernels.STOCK, false), TINY, mixture))
                .getMessage();
        for (String part : List.of("EPYC, avx2 on a; ", " on b.", "model.allowMixedCpus=true")) {
            assertTrue(message.contains(part), message);
        }
        assertDoesNotThrow(() -> Executors.requireOneCpu(settings(Kernels.STOCK, true), TINY, mixture));
        assertDoesNotThrow(() -> Executors.requireOneCpu(settings(Kernels.STARLING, false), TINY, mixture));
    }

    @ParameterizedTest
    @EnumSource(names = {"STARLING", "DIRECT"})
    void layersThatStayDl4jsOnDifferentCpusAreRefusedUnlessAllowed(Kernels kernels) {
        List<ExecutorReport> mixture = mixtures().get(0);
        SequentialModel model = model("tanh");
        String message = assertThrows(
                        InputException.class, () -> Executors.requireOneCpu(settings(kernels, false), model, mixture))
                .getMessage();
        for (String part :
                List.of("tiny.json: hidden (activation tanh).", "EPYC, avx2 on a; ", "allowMixedCpus=true")) {
            assertTrue(message.contains(part), message);
        }
        assertDoesNotThrow(() -> Executors.requireOneCpu(settings(kernels, true), model, mixture));
    }

    @Test
    void manyMachinesOfOneKindMayComputeWithStockKernels() {
        List<ExecutorReport> alike =
                List.of(executor("a", "EPYC", "avx2"), executor("a", "EPYC", "avx2"), executor("b", "EPYC", "avx2"));
        assertDoesNotThrow(() -> Executors.requireOneCpu(settings(Kernels.STOCK, false), TINY, alike));
    }

    @Test
    void inLocalModeTheDriverReportsWhatItComputesWith() {
        List<String> notices = new ArrayList<>();
        List<ExecutorReport> reports = new Executors(TinyRun.spark()).report(Kernels.STARLING, notices::add);
        assertEquals(
                List.of(new ExecutorReport(
                        "driver",
                        "127.0.0.1",
                        KernelProvider.get().name(),
                        true,
                        reports.get(0).cpu(),
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("java.version"),
                        1)),
                reports);
        assertEquals(List.of(), notices);
        assertEquals(
                "stock",
                new Executors(TinyRun.spark())
                        .report(Kernels.STOCK, notices::add)
                        .get(0)
                        .kernels());
    }

    @Test
    void aPathThatAnExecutorDoesNotSeeIsNamedWithItsHost(@TempDir Path folder) {
        String missing = folder.resolve("missing").toString();
        List<String> unseen = new Executors(TinyRun.spark()).unseen(List.of(folder.toString(), missing));
        assertEquals(1, unseen.size());
        assertTrue(unseen.get(0).startsWith(missing + " on "), unseen.get(0));
    }
}
