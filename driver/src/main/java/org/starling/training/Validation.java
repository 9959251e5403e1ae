package org.starling.training;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.starling.data.Picture;
import org.starling.data.ShardedImages;
import org.starling.evaluation.EvaluationResult;
import org.starling.evaluation.Mistake;
import org.starling.model.ImageShape;
import scala.Tuple2;

/**
 * A validation of the averaged parameters, or of their moving average.
 *
 * @param result counts over the whole set
 * @param mistakes those the network was surest of, without pictures
 */
record Validation(EvaluationResult result, List<Mistake> mistakes) {

    /** Adds the replicas' parts in the order of their numbers. */
    static Validation of(List<ReplicaEvaluation> parts) {
        EvaluationResult result = parts.stream()
                .sorted(Comparator.comparingInt(ReplicaEvaluation::replica))
                .map(ReplicaEvaluation::result)
                .reduce(EvaluationResult::plus)
                .orElseThrow();
        List<Mistake> surest =
                Mistake.surest(parts.stream().flatMap(part -> part.mistakes().stream()), ReplicaEvaluation.MISTAKES);
        return new Validation(result, surest);
    }

    double accuracy() {
        return result.top1Accuracy();
    }

    /** The mistakes with pictures, which only the chosen few send to the driver. */
    List<TrainingEvent.Mistake> pictures(ShardedImages images, ImageShape shape, int shortSide, List<String> classes) {
        List<String> names = mistakes.stream().map(Mistake::name).toList();
        Map<String, byte[]> pictures = images
                .shards(0)
                .flatMap(shard -> {
                    List<Tuple2<String, byte[]>> own = new ArrayList<>();
                    shard.images().forEachRemaining(image -> {
                        if (names.contains(image.name())) {
                            own.add(new Tuple2<>(image.name(), Picture.png(image, shape, shortSide)));
                        }
                    });
                    return own.iterator();
                })
                .collect()
                .stream()
                .collect(Collectors.toMap(Tuple2::_1, Tuple2::_2));
        return mistakes.stream()
                .map(m -> new TrainingEvent.Mistake(
                        m.name(),
                        classes.get(m.actual()),
                        classes.get(m.predicted()),
                        m.probability(),
                        pictures.get(m.name())))
                .toList();
    }
}
