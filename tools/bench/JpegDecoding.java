import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.starling.data.jpeg.BaselineJpeg;

/**
 * Times Starling's JPEG decoder and javax.imageio on the same files, in turn, by one thread's processor time: what javax.imageio takes depends on the
 * JDK's build. Needs no Spark, and so any JDK from 17 on will do; README.md beside this file has the command.
 */
public final class JpegDecoding {
    private static final int ROUNDS = 40;

    private JpegDecoding() {}

    @FunctionalInterface
    private interface Decoder {
        Object decode(byte[] file) throws IOException;
    }

    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 1) {
            System.err.println("usage: JpegDecoding FOLDER, of baseline JPEG files");
            System.exit(2);
        }
        List<byte[]> files = new ArrayList<>();
        try (Stream<Path> all = Files.walk(Path.of(arguments[0]))) {
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                files.add(Files.readAllBytes(file));
            }
        }
        if (files.isEmpty()) {
            System.err.println(arguments[0] + ": no files");
            System.exit(2);
        }
        ImageIO.setUseCache(false);
        List<Double> ours = new ArrayList<>();
        List<Double> imageio = new ArrayList<>();
        for (int round = 0; round < 2 * ROUNDS; round++) {
            double mine = milliseconds(
                    files, file -> BaselineJpeg.of(file).orElseThrow().decode().orElseThrow());
            double other = milliseconds(files, file -> ImageIO.read(new ByteArrayInputStream(file)));
            // Before that both are compiled.
            if (round >= ROUNDS) {
                ours.add(mine);
                imageio.add(other);
            }
        }
        System.out.printf(
                "%s %s, %d files%n", System.getProperty("java.vendor"), Runtime.version(), files.size());
        print("Starling", ours);
        print("javax.imageio", imageio);
    }

    private static double milliseconds(List<byte[]> files, Decoder decoder) throws IOException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long start = threads.getCurrentThreadCpuTime();
        for (byte[] file : files) {
            if (decoder.decode(file) == null) {
                throw new IOException("a file that cannot be read");
            }
        }
        return (threads.getCurrentThreadCpuTime() - start) / 1e6 / files.size();
    }

    private static void print(String name, List<Double> samples) {
        Collections.sort(samples);
        System.out.printf(
                "%-14s %.3f ms a picture (%.3f to %.3f)%n",
                name, samples.get(samples.size() / 2), samples.get(0), samples.get(samples.size() - 1));
    }
}
