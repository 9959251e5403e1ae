package org.starling.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.starling.LocalSpark;
import org.starling.model.DataFormat;
import org.starling.model.ImageShape;

/** The images committed under {@code data/} are what their README says. */
class CommittedDataTest {
    private static final Path FOLDER = Path.of("../data/fashion-mnist");
    private static final ImageShape SHAPE = new ImageShape(28, 28, 1, DataFormat.CHANNELS_LAST);

    @Test
    void theFilesHaveTheirChecksumsAndSize() throws Exception {
        long total = 0;
        List<String> sums = Files.readAllLines(FOLDER.resolve("SHA256SUMS"));
        assertEquals(4, sums.size());
        for (String line : sums) {
            byte[] file = Files.readAllBytes(FOLDER.resolve(line.substring(66)));
            total += file.length;
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(file);
            assertEquals(line.substring(0, 64), HexFormat.of().formatHex(digest), line);
        }
        assertEquals(true, total <= 8 << 20);
    }

    @Test
    void twelveThousandTrainingAndTwoThousandTestImagesOfTenNamedClasses() throws IOException {
        ImageSource training = ImageSource.open(LocalSpark.context(), FOLDER + "/train-images-idx3-ubyte.gz", "auto");
        ImageSource test = ImageSource.open(LocalSpark.context(), FOLDER + "/t10k-images-idx3-ubyte.gz", "auto");
        ShardedData data = ShardedData.prepare(
                LocalSpark.context(), new DataPlan(training, Optional.of(test), 0, 0, SHAPE, 0, 2, false, false, 1));
        long[] perClass = new long[10];
        Arrays.fill(perClass, 1200);
        assertArrayEquals(perClass, data.classCounts());
        Arrays.fill(perClass, 200);
        assertArrayEquals(perClass, data.validationClassCounts());
        assertArrayEquals(new int[] {6000, 6000}, data.training().sizes());
        assertEquals("Ankle boot", data.classes().get(9));
        assertEquals(List.of(), data.badImages());
    }
}
