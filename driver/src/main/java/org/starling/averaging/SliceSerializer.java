package org.starling.averaging;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import org.apache.spark.serializer.DeserializationStream;
import org.apache.spark.serializer.SerializationStream;
import org.apache.spark.serializer.Serializer;
import org.apache.spark.serializer.SerializerInstance;
import org.starling.Undeclared;
import org.starling.model.Slice;
import scala.reflect.ClassTag;

/**
 * Writes contributions as slices, and reads each into one {@code byte[]}. Keys are for the partitioner and are not written.
 *
 * <p>Spark is not told that records may be moved when they are serialized. It would serialize all of them into memory of its own before it writes
 * the first; as it is, it sorts the objects and serializes each into the file.
 */
final class SliceSerializer extends Serializer implements java.io.Serializable {
    private static final long serialVersionUID = 1L;
    private static final Integer NO_KEY = 0;

    @Override
    public SerializerInstance newInstance() {
        return new Instance();
    }

    private static final class Instance extends SerializerInstance {
        @Override
        public SerializationStream serializeStream(OutputStream out) {
            return new Writer(out);
        }

        @Override
        public DeserializationStream deserializeStream(InputStream in) {
            return new Reader(in);
        }

        @Override
        public <T> ByteBuffer serialize(T value, ClassTag<T> tag) {
            throw unsupported();
        }

        @Override
        public <T> T deserialize(ByteBuffer bytes, ClassTag<T> tag) {
            throw unsupported();
        }

        @Override
        public <T> T deserialize(ByteBuffer bytes, ClassLoader loader, ClassTag<T> tag) {
            throw unsupported();
        }

        private static UnsupportedOperationException unsupported() {
            return new UnsupportedOperationException("a shuffle of slices reads and writes streams");
        }
    }

    /** Spark expects an IOException as it is, which its methods do not declare. */
    private static final class Writer extends SerializationStream {
        private final OutputStream out;

        Writer(OutputStream out) {
            this.out = out;
        }

        @Override
        public <T> SerializationStream writeKey(T key, ClassTag<T> tag) {
            return this;
        }

        @Override
        public <T> SerializationStream writeObject(T value, ClassTag<T> tag) {
            try {
                if (value instanceof Contribution contribution) {
                    contribution.writeTo(out);
                } else {
                    // Read from a file in which Spark had put what it had no memory for.
                    out.write((byte[]) value);
                }
                return this;
            } catch (IOException e) {
                throw Undeclared.thrown(e);
            }
        }

        @Override
        public void flush() {
            try {
                out.flush();
            } catch (IOException e) {
                throw Undeclared.thrown(e);
            }
        }

        @Override
        public void close() {
            try {
                out.close();
            } catch (IOException e) {
                throw Undeclared.thrown(e);
            }
        }
    }

    private static final class Reader extends DeserializationStream {
        private final InputStream in;
        private Slice next;

        Reader(InputStream in) {
            this.in = in;
        }

        /** Spark takes EOFException for the regular end, so what ends within a slice must be another. */
        @Override
        @SuppressWarnings("unchecked")
        public <T> T readKey(ClassTag<T> tag) {
            try {
                next = Slice.read(in);
                if (next == null) {
                    throw new EOFException();
                }
                return (T) NO_KEY;
            } catch (IOException e) {
                throw Undeclared.thrown(e);
            }
        }

        @Override
        @SuppressWarnings("unchecked")
        public <T> T readValue(ClassTag<T> tag) {
            return (T) next.bytes();
        }

        @Override
        public <T> T readObject(ClassTag<T> tag) {
            throw Instance.unsupported();
        }

        @Override
        public void close() {
            try {
                in.close();
            } catch (IOException e) {
                throw Undeclared.thrown(e);
            }
        }
    }
}
