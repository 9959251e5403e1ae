package org.starling.evaluation;

import java.util.ArrayList;
import java.util.List;

/**
 * Gathers the wrongly classified images that a network was surest of. Which ones does not depend on the order in which they are offered.
 * Not thread-safe.
 */
public final class MistakeSample {
    private final int limit;
    private final List<Mistake> mistakes = new ArrayList<>();

    /** @param limit mistakes that are kept */
    public MistakeSample(int limit) {
        this.limit = limit;
    }

    void offer(Mistake mistake) {
        int place = mistakes.size();
        while (place > 0 && Mistake.SUREST_FIRST.compare(mistake, mistakes.get(place - 1)) < 0) {
            place--;
        }
        mistakes.add(place, mistake);
        if (mistakes.size() > limit) {
            mistakes.remove(limit);
        }
    }

    /** The sample, surest first. */
    public List<Mistake> mistakes() {
        return List.copyOf(mistakes);
    }
}
