package org.starling.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.InputException;

class ResultFileTest {
    @TempDir
    Path folder;

    private ResultFile claim(String name) {
        return ResultFile.claim("--out", folder.resolve(name).toString(), new Configuration());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void theFileIsThereOnceItIsWhole() throws IOException {
        try (ResultFile file = claim("a.json")) {
            assertTrue(Files.notExists(folder.resolve("a.json")));
            file.write("{}".getBytes());
        }
        assertEquals(List.of("a.json"), names());
        assertEquals("{}", Files.readString(folder.resolve("a.json")));
    }

    @Test
    void aJobThatFailsLeavesNothing() throws IOException {
        claim("a.json").close();
        assertEquals(List.of(), names());
    }

    @Test
    void whatIsThereStays() throws IOException {
        Files.writeString(folder.resolve("a.json"), "mine");
        String early = assertThrows(InputException.class, () -> claim("a.json")).getMessage();
        assertTrue(early.contains("--out") && early.contains("a.json exists already"), early);
        try (ResultFile file = claim("b.json")) {
            Files.writeString(folder.resolve("b.json"), "someone else's");
            assertThrows(InputException.class, () -> file.write(new byte[0]));
        }
        assertEquals("mine", Files.readString(folder.resolve("a.json")));
        assertEquals("someone else's", Files.readString(folder.resolve("b.json")));
    }
}
