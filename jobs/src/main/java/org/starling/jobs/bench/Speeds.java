package org.starling.jobs.bench;

import java.util.ArrayList;
import java.util.List;

/** Images per second of one contestant, in training and in inference, round by round. */
final class Speeds {
    private final List<Double> train = new ArrayList<>();
    private final List<Double> inference = new ArrayList<>();

    void addTrain(double imagesPerSecond) {
        train.add(imagesPerSecond);
    }

    void addInference(double imagesPerSecond) {
        inference.add(imagesPerSecond);
    }

    Samples train() {
        return new Samples(train);
    }

    Samples inference() {
        return new Samples(inference);
    }

    double lastTrain() {
        return train.get(train.size() - 1);
    }

    double lastInference() {
        return inference.get(inference.size() - 1);
    }
}
