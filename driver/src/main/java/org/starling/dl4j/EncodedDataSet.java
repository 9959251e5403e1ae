package org.starling.dl4j;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.nd4j.linalg.dataset.DataSet;

/**
 * A DataSet in one array on the heap, where Spark counts it; it does not count ND4J's memory.
 *
 * @param bytes the number of examples, a big-endian int, and what {@link DataSet#save} writes
 */
record EncodedDataSet(byte[] bytes) {
    static EncodedDataSet of(DataSet dataSet) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(dataSet.numExamples());
            dataSet.save(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new EncodedDataSet(bytes.toByteArray());
    }

    int examples() {
        return ByteBuffer.wrap(bytes).getInt();
    }

    DataSet decode() {
        DataSet dataSet = new DataSet();
        dataSet.load(new ByteArrayInputStream(bytes, Integer.BYTES, bytes.length - Integer.BYTES));
        return dataSet;
    }
}
