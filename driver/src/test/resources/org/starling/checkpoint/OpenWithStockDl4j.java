import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What somebody without Starling does with a model: zip, floats of the images, file for the floats of the outputs, shape of the images.
 * Run as a source file, in a JVM of its own.
 */
public class OpenWithStockDl4j {
    public static void main(String[] arguments) throws Exception {
        try {
            Class.forName("org.starling.InputException");
            throw new IllegalStateException("Starling is on the class path");
        } catch (ClassNotFoundException expected) {
            // This is the point.
        }
        MultiLayerNetwork network = ModelSerializer.restoreMultiLayerNetwork(new File(arguments[0]));
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Path.of(arguments[1])));
        float[] images = new float[bytes.remaining() / 4];
        bytes.asFloatBuffer().get(images);
        long[] shape =
                Arrays.stream(arguments[3].split(",")).mapToLong(Long::parseLong).toArray();
        float[] outputs = network.output(Nd4j.create(images, shape, 'c')).dup('c').data().asFloat();
        ByteBuffer result = ByteBuffer.allocate(4 * outputs.length);
        result.asFloatBuffer().put(outputs);
        Files.write(Path.of(arguments[2]), result.array());
    }
}
