package org.starling.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.LocalSpark;
import org.starling.training.Finding.Level;
import org.starling.training.TrainingConfiguration.Kernels;

class DiagnosisTest {
    @TempDir
    Path folder;

    @Test
    void thisMachineCanTrain() {
        List<Finding> findings = new ArrayList<>();
        assertTrue(new Diagnosis(LocalSpark.context(), findings::add).machines(Kernels.STARLING, 5));
        List<String> ok = findings.stream()
                .filter(finding -> finding.level() == Level.OK)
                .map(Finding::subject)
                .toList();
        assertTrue(ok.containsAll(List.of("executors", "java", "natives", "serializer")), findings::toString);
        assertFalse(findings.stream().anyMatch(finding -> finding.level() == Level.PROBLEM), findings::toString);
    }

    @Test
    void whatAnExecutorCannotReadOrWriteIsNamed() throws IOException {
        Configuration configuration = new Configuration();
        Path file = Files.writeString(folder.resolve("list.txt"), "x");
        String missing = folder.resolve("missing").toString();
        assertEquals(List.of(), ExecutorHealth.unreadable(List.of(file.toString(), folder.toString()), configuration));
        List<String> unreadable = ExecutorHealth.unreadable(List.of(missing, file.toString()), configuration);
        assertEquals(1, unreadable.size());
        assertTrue(unreadable.get(0).startsWith(missing + " (FileNotFoundException"), unreadable.get(0));
        assertNull(ExecutorHealth.unwritable(folder.toString(), configuration));
        assertNotNull(ExecutorHealth.unwritable(file.toString(), configuration));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(file), left.toList());
        }
    }

    @Test
    void aFindingIsOneLine() {
        assertEquals(
                "problem  data       no\\u001bimages\\n. Add some.",
                Finding.problem("data", "no\u001bimages\n", "Add some.").line());
        assertEquals("ok       java       17", Finding.ok("java", "17").line());
    }
}
