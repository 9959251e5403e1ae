package org.starling.jobs.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.starling.data.BadImage;
import org.starling.training.TrainingEvent;

class RunRecordTest {
    @TempDir
    Path folder;

    @Test
    void aNameOrReasonMayHoldCommasQuotesAndLines() {
        assertEquals(
                "image,reason\r\na/b.png,truncated\r\n\"x, \"\"y\"\".png\",\"two\nlines\"\r\n",
                RunRecord.csv(
                        List.of(new BadImage("a/b.png", "truncated"), new BadImage("x, \"y\".png", "two\nlines"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:", "noappend:"})
    void theRunDirectoryGetsSettingsBadImagesAndTheWholeLog(String scheme) throws IOException {
        Path directory = folder.resolve("run");
        Path temporary;
        try (JobLog log = JobLog.start()) {
            temporary = log.file();
            LoggerFactory.getLogger(RunRecordTest.class).error("before the run");
            RunFiles run = RunFiles.fresh(scheme + directory, NoAppendFileSystem.configuration());
            RunRecord record = new RunRecord(run, "training.epochs = 3", log);
            record.onStart(FakeRun.start());
            record.onBadImages(new TrainingEvent.BadImages(List.of(new BadImage("a.png", "truncated"))));
            LoggerFactory.getLogger(RunRecordTest.class).error("while it runs");
            record.onEnd(FakeRun.end());
        }
        assertEquals("training.epochs = 3", Files.readString(directory.resolve("config.conf")));
        assertTrue(Files.readString(directory.resolve("bad-images.csv")).contains("a.png,truncated"));
        String text = Files.readString(directory.resolve("starling.log"));
        assertTrue(text.contains("before the run") && text.contains("while it runs"), text);
        assertFalse(Files.exists(temporary));
    }

    @Test
    void aLogThatAMessageNamesIsKept() throws IOException {
        Path file;
        try (JobLog log = JobLog.start()) {
            file = log.file();
            LoggerFactory.getLogger(RunRecordTest.class).error("a trace", new IllegalStateException("why"));
            log.keep();
        }
        String text = Files.readString(file);
        Files.delete(file);
        assertTrue(text.contains("IllegalStateException: why") && text.contains("\tat "), text);
    }
}
