package org.starling.jobs.run;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.zip.CRC32C;
import org.nd4j.shade.protobuf.CodedOutputStream;
import org.starling.training.TrainingEvent;
import org.starling.training.TrainingListener;
import org.tensorflow.framework.Summary;

/**
 * Figures of a run as TensorBoard reads them: {@code events.out.tfevents.TIME.starling}, a file of Event messages in TFRecord's framing (the length,
 * its masked CRC32C, the message, its masked CRC32C). Steps are rounds. A resumed run has a file of its own, whose first event takes back what
 * came after its checkpoint.
 */
public final class TensorBoardFile implements TrainingListener {
    private static final String PREFIX = "events.out.tfevents.";

    /** Numbers of Event's fields. */
    private static final int WALL_TIME = 1;

    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    private static final int SESSION_LOG = 7;

    /** SessionLog with status START. */
    private static final byte[] START = {8, 1};

    private final RunFiles run;
    private GrowingFile file;

    public TensorBoardFile(RunFiles run) {
        this.run = run;
    }

    /** What an Event says beside when. */
    @FunctionalInterface
    private interface Content {
        void write(CodedOutputStream out) throws IOException;
    }

    @Override
    public void onStart(TrainingEvent.Start start) {
        file = new GrowingFile(run, PREFIX + Instant.now().getEpochSecond() + ".starling");
        add(out -> out.writeString(FILE_VERSION, "brain.Event:2"));
        file.flush();
    }

    @Override
    public void onResume(TrainingEvent.Resume resume) {
        add(out -> {
            out.writeInt64(STEP, resume.round() + 1L);
            out.writeByteArray(SESSION_LOG, START);
        });
        file.flush();
    }

    @Override
    public void onRound(TrainingEvent.Round round) {
        Summary.Builder values = Summary.newBuilder();
        value(values, "training/loss", round.loss());
        value(values, "training/accuracy", round.accuracy());
        value(values, "training/learning rate", round.learningRate());
        value(values, "training/images per second", round.examples() / round.seconds());
        value(values, "training/epochs", round.epochsDone());
        add(round.round(), values);
        file.flushSometimes();
    }

    @Override
    public void onValidation(TrainingEvent.Validation validation) {
        Summary.Builder values = Summary.newBuilder();
        value(values, "validation/loss", validation.result().loss());
        value(values, "validation/accuracy", validation.result().top1Accuracy());
        value(values, "validation/top-5 accuracy", validation.result().top5Accuracy());
        add(validation.round(), values);
        file.flush();
    }

    @Override
    public void onEnd(TrainingEvent.End end) {
        file.flush();
    }

    @Override
    public void onStopped(TrainingEvent.Stopped stopped) {
        file.flush();
    }

    private static void value(Summary.Builder values, String tag, double value) {
        values.addValue(Summary.Value.newBuilder().setTag(tag).setSimpleValue((float) value));
    }

    private void add(int round, Summary.Builder values) {
        add(out -> {
            out.writeInt64(STEP, round);
            out.writeMessage(SUMMARY, values.build());
        });
    }

    private void add(Content content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            out.writeDouble(WALL_TIME, Instant.now().toEpochMilli() / 1e3);
            content.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("into memory", e);
        }
        file.add(framed(bytes.toByteArray()));
    }

    private static byte[] framed(byte[] message) {
        ByteBuffer record = ByteBuffer.allocate(Long.BYTES + Integer.BYTES + message.length + Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(message.length);
        record.putInt(maskedChecksum(record.array(), Long.BYTES));
        record.put(message);
        record.putInt(maskedChecksum(message, message.length));
        return record.array();
    }

    /** As TFRecord masks it, for files that hold checksums themselves. */
    private static int maskedChecksum(byte[] bytes, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, length);
        int crc = (int) checksum.getValue();
        return (crc >>> 15 | crc << 17) + 0xa282ead8;
    }
}
