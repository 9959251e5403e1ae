package org.starling.jobs.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.starling.InputException;

class RunFilesTest {
    @TempDir
    Path folder;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private Map<String, String> content(Path directory) throws IOException {
        Map<String, String> content = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                content.put(file.getFileName().toString(), Files.readString(file));
            }
        }
        return content;
    }

    @Test
    void aDirectoryWithAnythingInItIsRefusedAndLeftAsItIs() throws IOException {
        Path run = Files.createDirectory(folder.resolve("run"));
        Files.writeString(run.resolve("precious.txt"), "mine");
        String error = assertThrows(InputException.class, () -> RunFiles.fresh(run.toString(), new Configuration()))
                .getMessage();
        assertTrue(error.contains(run.toString()) && error.contains("--resume"), error);
        assertEquals(Map.of("precious.txt", "mine"), content(run));
    }

    @Test
    void aFileInTheDirectorysPlaceIsRefused() throws IOException {
        Path file = Files.writeString(folder.resolve("run"), "mine");
        assertThrows(InputException.class, () -> RunFiles.fresh(file.toString(), new Configuration()));
        assertEquals("mine", Files.readString(file));
    }

    @Test
    void nothingIsMadeBeforeTheRunBegins() {
        RunFiles.fresh(folder.resolve("run").toString(), new Configuration());
        assertTrue(Files.notExists(folder.resolve("run")));
    }

    @Test
    void ofTwoRunsThatStartAtOnceOneGetsTheDirectory() throws IOException {
        String directory = folder.resolve("run").toString();
        RunFiles first = RunFiles.fresh(directory, new Configuration());
        RunFiles second = RunFiles.fresh(directory, new Configuration());
        first.create("first");
        assertThrows(InputException.class, () -> second.create("second"));
        assertEquals(Map.of("config.conf", "first"), content(folder.resolve("run")));
    }

    @Test
    void aResumedRunKeepsTheSettingsItBeganWith() throws IOException {
        String directory = folder.resolve("run").toString();
        RunFiles.fresh(directory, new Configuration()).create("first");
        assertEquals(
                "config.conf", RunFiles.existing(directory, new Configuration()).newestConfiguration());
        RunFiles.existing(directory, new Configuration()).create("second");
        RunFiles.existing(directory, new Configuration()).create("third");
        assertEquals(
                Map.of("config.conf", "first", "config-2.conf", "second", "config-3.conf", "third"),
                content(folder.resolve("run")));
        assertEquals(
                "config-3.conf",
                RunFiles.existing(directory, new Configuration()).newestConfiguration());
    }

    @Test
    void whatIsNoRunCannotBeResumed() {
        String error = assertThrows(
                        InputException.class, () -> RunFiles.existing(folder.toString(), new Configuration()))
                .getMessage();
        assertTrue(error.contains("no run to resume"), error);
    }

    @Test
    void aReplacedFileHasTheNewContentAndLeavesNothingElse() throws IOException {
        for (String scheme : new String[] {"", "noappend:"}) {
            Path directory = folder.resolve("run" + scheme.length());
            RunFiles run = RunFiles.fresh(scheme + directory, NoAppendFileSystem.configuration());
            run.create("settings");
            run.replace("a.txt", bytes("old and long"));
            run.replace("a.txt", bytes("new"));
            assertEquals(Map.of("config.conf", "settings", "a.txt", "new"), content(directory));
        }
    }

    @Test
    void ofAFileThatGrowsTheLongestWholeVersionIsReadAfterACrash() throws IOException {
        RunFiles run = RunFiles.fresh("noappend:" + folder.resolve("run"), NoAppendFileSystem.configuration());
        run.create("settings");
        run.replace("a.txt", bytes("one\n"));
        // A crash between deleting the old file and renaming the new one, and one while the new one is written.
        Files.move(folder.resolve("run/a.txt"), folder.resolve("run/a.txt.unfinished"));
        assertArrayEquals(bytes("one\n"), run.readGrown("a.txt"));
        Files.move(folder.resolve("run/a.txt.unfinished"), folder.resolve("run/a.txt"));
        Files.writeString(folder.resolve("run/a.txt.unfinished"), "on");
        assertArrayEquals(bytes("one\n"), run.readGrown("a.txt"));
        assertArrayEquals(new byte[0], run.readGrown("nothing.txt"));
    }
}
