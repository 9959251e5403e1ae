package org.starling.evaluation;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.starling.data.BadImageException;
import org.starling.data.ImageDecoder;
import org.starling.data.ImageRecord;
import org.starling.model.ImageShape;

/**
 * Gathers the wrongly classified images that a network was surest of. Which ones does not depend on the order in which they are offered.
 * Not thread-safe.
 */
public final class MistakeSample {
    private static final byte[] NO_PICTURE = {};

    private record Candidate(Mistake mistake, ImageRecord image) {}

    private final int limit;
    private final List<Candidate> candidates = new ArrayList<>();

    /** @param limit mistakes that are kept, with their images */
    public MistakeSample(int limit) {
        this.limit = limit;
    }

    void offer(ImageRecord image, int actual, int predicted, float probability) {
        Candidate candidate =
                new Candidate(new Mistake(image.name(), actual, predicted, probability, NO_PICTURE), image);
        int place = candidates.size();
        while (place > 0
                && Mistake.SUREST_FIRST.compare(
                                candidate.mistake(), candidates.get(place - 1).mistake())
                        < 0) {
            place--;
        }
        candidates.add(place, candidate);
        if (candidates.size() > limit) {
            candidates.remove(limit);
        }
    }

    /** The sample, surest first, without pictures. */
    public List<Mistake> mistakes() {
        return candidates.stream().map(Candidate::mistake).toList();
    }

    /**
     * The sample, surest first, with pictures.
     *
     * @param shape what the network sees
     */
    public List<Mistake> pictures(ImageShape shape) {
        return candidates.stream()
                .map(candidate -> {
                    Mistake mistake = candidate.mistake();
                    return new Mistake(
                            mistake.name(),
                            mistake.actual(),
                            mistake.predicted(),
                            mistake.probability(),
                            png(candidate.image(), shape));
                })
                .toList();
    }

    private static byte[] png(ImageRecord image, ImageShape shape) {
        try {
            byte[] values = new ImageDecoder(shape).decode(image);
            int type = shape.channels() == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB;
            BufferedImage picture = new BufferedImage(shape.width(), shape.height(), type);
            int[] samples = new int[values.length];
            for (int i = 0; i < values.length; i++) {
                samples[i] = values[i] & 0xFF;
            }
            picture.getRaster().setPixels(0, 0, shape.width(), shape.height(), samples);
            ByteArrayOutputStream png = new ByteArrayOutputStream();
            ImageIO.write(picture, "png", png);
            return png.toByteArray();
        } catch (BadImageException | IOException e) {
            throw new IllegalStateException("an image that was classified cannot be drawn: " + image.name(), e);
        }
    }
}
