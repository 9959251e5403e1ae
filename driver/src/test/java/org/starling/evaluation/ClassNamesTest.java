package org.starling.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.starling.InputException;
import org.starling.data.ImageRecord;
import org.starling.data.ImageSource;

class ClassNamesTest {
    private record Named(List<String> classes, boolean namesClasses) implements ImageSource {
        @Override
        public String folder() {
            return "file:/set";
        }

        @Override
        public String format() {
            return "folder";
        }

        @Override
        public JavaRDD<ImageRecord> records(JavaSparkContext context, int partitions) {
            throw new UnsupportedOperationException();
        }
    }

    private static int[] outputs(List<String> model, List<String> data, boolean named) {
        return ClassNames.outputs(model, new Named(data, named), "m.zip");
    }

    @Test
    void classesAreMatchedByName() {
        assertArrayEquals(new int[] {2, 0, 1}, outputs(List.of("b", "c", "a"), List.of("a", "b", "c"), true));
    }

    @Test
    void dataWithoutNamesIsMatchedByNumber() {
        assertArrayEquals(new int[] {0, 1}, outputs(List.of("shirt", "coat", "bag"), List.of("0", "1"), false));
    }

    @Test
    void differencesAreNamed() {
        String message = assertThrows(
                        InputException.class,
                        () -> outputs(List.of("cat", "dog", "fox"), List.of("cat", "cow", "dog"), true))
                .getMessage();
        assertTrue(message.contains("only the first has cow; only the second has fox"), message);
        assertTrue(message.contains("file:/set") && message.contains("m.zip"), message);
    }

    @Test
    void aMissingClassIsADifferenceToo() {
        assertThrows(InputException.class, () -> outputs(List.of("a", "b", "c"), List.of("a", "b"), true));
    }

    @Test
    void moreNumbersThanClassesAreRefused() {
        String message = assertThrows(
                        InputException.class, () -> outputs(List.of("a", "b"), List.of("0", "1", "2"), false))
                .getMessage();
        assertTrue(message.contains("from 0 to 2"), message);
    }

    @Test
    void longListsAreCut() {
        List<String> many = List.of("a", "b", "c", "d", "e", "f", "g");
        String message = assertThrows(InputException.class, () -> outputs(List.of("a", "z"), many, true))
                .getMessage();
        assertTrue(message.contains("only the first has b, c, d, e, f and 1 more"), message);
    }
}
