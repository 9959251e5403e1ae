package org.starling.training;

import java.io.Serializable;
import java.nio.ByteBuffer;
import org.apache.spark.SparkEnv;
import org.apache.spark.serializer.SerializerInstance;
import org.starling.model.Slice;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * What one replica reports of its local steps; the only thing of a round that reaches the driver.
 *
 * @param replica its number
 * @param steps local steps made
 * @param examples images seen
 * @param correct images whose class had the largest score during training
 * @param lossSum sum over images of their (weighted, smoothed) cross entropy
 * @param host where it ran
 * @param gatherSeconds time in which it took the round's state
 * @param trainSeconds time in local steps
 */
record ReplicaStatistics(
        int replica,
        int steps,
        long examples,
        long correct,
        double lossSum,
        String host,
        double gatherSeconds,
        double trainSeconds)
        implements Serializable {
    /** Vector number of the records that carry statistics among slices. */
    private static final int VECTOR = -1;

    private static final ClassTag<ReplicaStatistics> TAG = ClassTag$.MODULE$.apply(ReplicaStatistics.class);

    /** As it travels among slices. */
    Slice toSlice() {
        ByteBuffer serialized = serializer().serialize(this, TAG);
        byte[] content = new byte[serialized.remaining()];
        serialized.get(content);
        return Slice.ofBytes(VECTOR, 0, replica, content);
    }

    static ReplicaStatistics of(Slice slice) {
        ClassLoader loader = ReplicaStatistics.class.getClassLoader();
        return serializer().deserialize(ByteBuffer.wrap(slice.content()), loader, TAG);
    }

    /** Java's serialization, with the class loader of the cluster jar. */
    private static SerializerInstance serializer() {
        return SparkEnv.get().closureSerializer().newInstance();
    }

    /** The same with the time of its gathering. */
    ReplicaStatistics withGatherSeconds(double seconds) {
        return new ReplicaStatistics(replica, steps, examples, correct, lossSum, host, seconds, trainSeconds);
    }

    /** From its first slice to its last step. */
    double seconds() {
        return gatherSeconds + trainSeconds;
    }
}
