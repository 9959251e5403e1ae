package org.starling.jobs.bench.averaging;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.starling.model.ModelOptions;
import org.starling.model.SequentialModel;
import picocli.CommandLine;

class NetworkOptionsTest {
    private static final SequentialModel FILE = SequentialModel.parse(
            AveragingNetwork.of(20_000).model().json(), "file:/models/m.json", ModelOptions.DEFAULT);

    private static NetworkOptions options(List<String> words) {
        NetworkOptions options = new NetworkOptions();
        new CommandLine(options).parseArgs(words.toArray(String[]::new));
        return options;
    }

    private static SequentialModel read(String file) {
        assertEquals("m.json", file.substring(file.lastIndexOf('/') + 1));
        return FILE;
    }

    @Test
    void anApplicationHasTheBenchmarksNetwork() {
        NetworkOptions file = options(List.of("--model=m.json", "--batch=4"));
        List<String> words = file.words(file.network(NetworkOptionsTest::read));
        assertEquals(List.of("--model=file:/models/m.json", "--batch=4"), words);
        assertEquals(FILE, options(words).network(NetworkOptionsTest::read));

        NetworkOptions number = options(List.of("--parameters=999983"));
        List<String> same = number.words(number.network(NetworkOptionsTest::read));
        assertEquals(List.of("--parameters=999983", "--batch=1"), same);
        assertEquals(999_983, options(same).network(NetworkOptionsTest::read).parameterCount());
    }

    @Test
    void withoutOptionsItIsAsLargeAsAlexNet() {
        assertEquals(
                62_378_344, options(List.of()).network(NetworkOptionsTest::read).parameterCount());
    }
}
