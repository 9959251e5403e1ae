package org.starling.jobs.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.starling.CsvText;
import org.starling.data.BadImage;
import org.starling.training.TrainingEvent;
import org.starling.training.TrainingListener;

/** Makes the run directory when the run begins, and keeps its settings, its log and the list of its bad images there. */
public final class RunRecord implements TrainingListener {
    public static final String BAD_IMAGES = "bad-images.csv";
    public static final String LOG_NAME = "starling.log";

    private static final Logger LOG = LoggerFactory.getLogger(RunRecord.class);

    private final RunFiles run;
    private final String settings;
    private final JobLog log;

    /**
     * @param settings the effective configuration
     */
    public RunRecord(RunFiles run, String settings, JobLog log) {
        this.run = run;
        this.settings = settings;
        this.log = log;
    }

    @Override
    public void onStart(TrainingEvent.Start start) {
        run.create(settings);
        Optional<Path> local = run.localFile(LOG_NAME);
        if (local.isPresent()) {
            try {
                log.continueIn(local.get());
            } catch (IOException e) {
                LOG.warn("The log stays in {}", log.file(), e);
            }
        }
    }

    @Override
    public void onBadImages(TrainingEvent.BadImages badImages) {
        write(BAD_IMAGES, csv(badImages.images()).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void onValidation(TrainingEvent.Validation validation) {
        copyLog();
    }

    @Override
    public void onEnd(TrainingEvent.End end) {
        copyLog();
    }

    @Override
    public void onStopped(TrainingEvent.Stopped stopped) {
        copyLog();
    }

    /** A log that is written on this machine's disk is copied to a run directory that is not. */
    private void copyLog() {
        if (run.localFile(LOG_NAME).isEmpty()) {
            try {
                write(LOG_NAME, Files.readAllBytes(log.file()));
            } catch (IOException e) {
                LOG.warn("The log cannot be copied to the run directory", e);
            }
        }
    }

    private void write(String name, byte[] content) {
        try {
            run.replace(name, content);
        } catch (IOException e) {
            LOG.warn("{} cannot be written", run.file(name), e);
        }
    }

    static String csv(List<BadImage> images) {
        StringBuilder csv = new StringBuilder("image,reason\r\n");
        for (BadImage image : images) {
            csv.append(quoted(image.name()))
                    .append(',')
                    .append(quoted(image.reason()))
                    .append("\r\n");
        }
        return csv.toString();
    }

    /** RFC 4180, and no formulas. */
    private static String quoted(String text) {
        String field = CsvText.cell(text);
        return field.matches("(?s).*[\",\r\n].*") ? '"' + field.replace("\"", "\"\"") + '"' : field;
    }
}
