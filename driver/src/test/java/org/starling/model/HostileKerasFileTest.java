package org.starling.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.starling.model.KerasText.FLATTEN;
import static org.starling.model.KerasText.HEAD;
import static org.starling.model.KerasText.between;
import static org.starling.model.KerasText.conv;
import static org.starling.model.KerasText.layer;
import static org.starling.model.KerasText.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.starling.AllocatedMemory;
import org.starling.InputException;

/** Keras files that would have shapes of more than there is, classes of their own, or texts without end: refused in one paragraph, without memory. */
class HostileKerasFileTest {
    private static final String MOST = "2147483647";

    private static String refusal(String json) {
        InputException refusal = AllocatedMemory.atMost(
                (64L << 20) + 16L * json.length(),
                () -> assertThrows(InputException.class, () -> KerasText.parse(json)));
        String message = refusal.getMessage();
        assertTrue(message.startsWith("small.json: "), message);
        assertTrue(message.length() < 3000, () -> "a message of " + message.length() + " characters");
        assertTrue(message.chars().noneMatch(Character::isISOControl), message);
        return message;
    }

    static Stream<String> tooLarge() {
        String same = "'padding':'same'";
        return Stream.of(
                // A kernel beyond 2^63 values, and sums of kernels that would be negative.
                between("28,28,3", conv("'filters':" + MOST + ",'kernel_size':[1000000,1000000]," + same)),
                model(
                        "28,28,1",
                        FLATTEN,
                        layer("Dense", "a", "'units':" + MOST),
                        layer("Dense", "b", "'units':" + MOST),
                        layer("Dense", "c", "'units':" + MOST),
                        layer("Dense", "d", "'units':" + MOST),
                        HEAD),
                model("28,28,1", FLATTEN, layer("Dense", "a", "'units':" + MOST), HEAD),
                // Images.
                between(MOST + "," + MOST + ",3", conv("'filters':1,'kernel_size':1")),
                between("65536,65536,1", conv("'filters':1,'kernel_size':1")),
                // Maps: 2^32 x 2^32, and ones whose length is 0 in 64 bits.
                between(
                        "4,4,3",
                        layer("ZeroPadding2D", "pad", "'padding':[[1073741824,1073741823],[1073741824,1073741823]]")),
                model(
                        "4,4,1",
                        conv("'filters':4,'kernel_size':1"),
                        layer("ZeroPadding2D", "pad", "'padding':[[1073741822,1073741822],[1073741822,1073741822]]"),
                        FLATTEN,
                        HEAD),
                between("4,4,3", layer("ZeroPadding2D", "pad", "'padding':[[" + MOST + "," + MOST + "],[0,0]]")),
                // Windows.
                between("4,4,3", layer("MaxPooling2D", "pool", "'pool_size':" + MOST + ",'strides':1," + same)),
                between("4,4,3", layer("AveragePooling2D", "pool", "'pool_size':60000,'strides':1," + same)),
                between("4,4,3", conv("'filters':1,'kernel_size':3,'dilation_rate':" + MOST + "," + same)),
                between("4,4,3", conv("'filters':1,'kernel_size':[1,3],'dilation_rate':[1,1073741824]," + same)));
    }

    @ParameterizedTest
    @MethodSource("tooLarge")
    void shapesThatOverflowAreRefused(String json) {
        String message = refusal(json);
        assertTrue(message.contains("too large") || message.contains("holds at most"), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"-1", "0", "1.5", "1e300", "2147483648", "99999999999999999999", "'3'", "[1,2,3]", "null", "true"
            })
    void sizesThatAreNoneAreRefused(String size) {
        for (String json : List.of(
                model("28,28,1", FLATTEN, layer("Dense", "head", "'units':" + size)),
                between("28,28,1", conv("'filters':" + size + ",'kernel_size':3")),
                between("28," + size + ",1", conv("'filters':3,'kernel_size':3")))) {
            refusal(json);
        }
        if (!size.equals("null")) {
            refusal(between("28,28,1", conv("'filters':3,'kernel_size':[3," + size + "]")));
            refusal(between("28,28,1", conv("'filters':3,'kernel_size':3,'strides':[" + size + ",1]")));
            refusal(between(
                    "28,28,1",
                    layer("ZeroPadding2D", "pad", "'padding':[1," + size.replace("0", "-2") + "]")
                            .replace("[1,1", "[1,-1")));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"java.lang.Runtime", "Lambda", "TFOpLambda", "org.deeplearning4j.nn.conf.layers.DenseLayer"})
    void otherClassesAreRefusedByName(String type) {
        assertTrue(refusal(model("4,4,1", layer(type, "x", ""), FLATTEN, HEAD)).contains("not supported"));
    }

    /** Keras's own way of code in a model file. */
    @Test
    void codeInALayerIsRefused() {
        String lambda = layer("Lambda", "x", "'function':{'class_name':'__lambda__','config':{'code':'4wEAAAA='}}");
        assertTrue(refusal(model("4,4,1", lambda, FLATTEN, HEAD)).contains("not supported"));
        String module = HEAD.replace("\"class_name\"", "\"module\":\"os\",\"class_name\"");
        assertTrue(refusal(model("4,4,1", FLATTEN, module)).contains("os.Dense"));
        String registered = HEAD.replace("\"class_name\"", "\"registered_name\":\"evil>Dense\",\"class_name\"");
        assertTrue(refusal(model("4,4,1", FLATTEN, registered)).contains("not supported"));
    }

    @Test
    void longTextsAreNeitherPrintedNorSlow() {
        String megabyte = "a".repeat(1 << 20);
        for (String json : List.of(
                model("4,4,1", FLATTEN, layer("Dense", megabyte, "'units':3")),
                model("4,4,1", FLATTEN, layer(megabyte, "x", "'units':3")),
                model("4,4,1", FLATTEN, layer("Dense", "x", "'units':'" + megabyte + "'")),
                model("4,4,1", FLATTEN, layer("Dense", "x", "'units':3,'activation':'" + megabyte + "'")),
                model("4,4,1", FLATTEN, layer("Dense", "x", "'units':3,'kernel_initializer':'" + megabyte + "'")),
                model("4,4,1", FLATTEN, layer("Dense", "x", "'units':3,'dtype':'" + megabyte + "'")),
                model("4,4,1", FLATTEN, layer("Dense", "x", "'units':3,'" + megabyte + "':1")),
                model(megabyte.replace('a', '1') + ",4,1", FLATTEN, HEAD),
                KerasText.json("{'class_name':'" + megabyte + "'}"),
                KerasText.json("{'class_name':'Sequential','config':{'name':'" + megabyte + "','layers':[1]}}"),
                megabyte)) {
            refusal(json);
        }
    }

    @Test
    void controlCharactersAreShown() {
        String message = refusal(model("4,4,1", FLATTEN, layer("Dense", "\\u001b[2J\\n\\u202ehead", "'units':0")));
        assertTrue(message.contains("\\u001b[2J\\n\\u202ehead"), message);
        String table = new LayerTable(
                        KerasText.parse(
                                model("4,4,1", FLATTEN, layer("Dense", "\\u001b[2J\\nhead\\u202e", "'units':3"))),
                        1,
                        1)
                .text();
        assertTrue(table.contains("\\u001b[2J\\nhead\\u202e  Dense"), table);
    }

    @Test
    void deepAndManyPiecesAreRefused() {
        assertTrue(refusal("{\"a\":".repeat(100_000)).contains("depth"));
        assertTrue(refusal("\"" + "[".repeat(100_000) + "\"").contains("depth"));
        assertTrue(refusal("[" + "{},".repeat(1_000_000) + "{}]").contains("more than 500,000"));
        String layers = IntStream.range(0, 100_000)
                .mapToObj(i -> layer("ReLU", "r" + i, ""))
                .collect(Collectors.joining(","));
        assertTrue(refusal(model("4,4,1", layers, FLATTEN, HEAD)).contains("more than 500,000"));
    }

    @Test
    void aFileWithoutEndIsNotRead(@TempDir Path folder) throws IOException {
        Path file = Files.write(folder.resolve("endless.json"), new byte[17 << 20]);
        InputException refusal = assertThrows(
                InputException.class,
                () -> SequentialModel.read(
                        new org.apache.hadoop.fs.Path(file.toUri()), new Configuration(), ModelOptions.DEFAULT));
        assertTrue(refusal.getMessage().contains("larger than 16 MB"), refusal.getMessage());
    }

    /** What is legal and large needs no memory either, until something is allocated for it. */
    @Test
    void aLargeModelIsDescribedWithoutItsMemory() {
        SequentialModel model = AllocatedMemory.atMost(
                64L << 20,
                () -> KerasText.parse(KerasText.model("224,224,3", FLATTEN, layer("Dense", "head", "'units':14000"))));
        assertEquals(224 * 224 * 3 * 14000L + 14000, model.parameterCount());
    }
}
