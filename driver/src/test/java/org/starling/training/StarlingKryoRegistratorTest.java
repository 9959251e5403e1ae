package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StarlingKryoRegistratorTest {
    /** The driver's own records, as the compiler left them. */
    private static List<String> serializableRecords() throws Exception {
        Path classes = Path.of(StarlingKryoRegistrator.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        try (Stream<Path> files = Files.walk(classes)) {
            return files.map(file -> classes.relativize(file).toString())
                    .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
                    .map(name ->
                            name.substring(0, name.length() - ".class".length()).replace('/', '.'))
                    .filter(StarlingKryoRegistratorTest::isSerializableRecord)
                    .toList();
        }
    }

    private static boolean isSerializableRecord(String name) {
        try {
            Class<?> type = Class.forName(name, false, StarlingKryoRegistratorTest.class.getClassLoader());
            // Those that are so by another interface (layers, sources, partitions) are part of closures, which Kryo
            // never sees.
            return type.isRecord() && List.of(type.getInterfaces()).contains(Serializable.class);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void everySerializableRecordIsRegistered() throws Exception {
        List<String> records = serializableRecords();
        assertFalse(records.isEmpty());
        List<String> missing = records.stream()
                .filter(name -> !StarlingKryoRegistrator.TYPES.contains(name))
                .toList();
        assertEquals(List.of(), missing);
    }
}
