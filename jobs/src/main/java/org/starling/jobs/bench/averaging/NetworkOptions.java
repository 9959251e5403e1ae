package org.starling.jobs.bench.averaging;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.starling.InputException;
import org.starling.model.SequentialModel;
import picocli.CommandLine.Option;

/** What {@code bench averaging} trains, of the benchmark and of each of its applications. */
public final class NetworkOptions {
    /** AlexNet's parameters. */
    private static final long ALEXNET = 62_378_344;

    @Option(
            names = "--parameters",
            paramLabel = "N",
            description = {
                "Parameters of the network that is averaged, two layers that cost little to train (default: 62378344,",
                "AlexNet's)."
            })
    private Optional<Long> parameters = Optional.empty();

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            description = {
                "Another network, as Keras Sequential JSON on any Hadoop path: how much of a round of real steps is",
                "averaging?"
            })
    private Optional<String> model = Optional.empty();

    @Option(
            names = "--batch",
            paramLabel = "N",
            defaultValue = "1",
            description = "Images of a replica's step, of which a round has one (default: ${DEFAULT-VALUE}).")
    private int batch;

    /**
     * Makes the network.
     *
     * @param reader reads {@code --model}
     * @throws InputException when there is none such
     */
    public SequentialModel network(Function<String, SequentialModel> reader) {
        if (parameters.isPresent() && model.isPresent()) {
            throw new InputException(
                    "--parameters %d and --model %s are two networks, and one is averaged. Leave one of them out."
                            .formatted(parameters.get(), model.get()));
        }
        return model.map(reader)
                .orElseGet(() -> AveragingNetwork.of(parameters.orElse(ALEXNET)).model());
    }

    public int batch() {
        return batch;
    }

    /** These options for an application, wherever it runs. */
    List<String> words(SequentialModel network) {
        return List.of(
                model.isPresent() ? "--model=" + network.source() : "--parameters=" + network.parameterCount(),
                "--batch=" + batch);
    }
}
