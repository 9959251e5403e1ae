package org.starling.evaluation;

import java.util.ArrayList;
import java.util.List;
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
                            Picture.png(candidate.image(), shape));
                })
                .toList();
    }
}
