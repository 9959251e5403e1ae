package org.starling.jobs.bench.averaging;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.starling.jobs.bench.Samples;

/** What one side's applications have measured so far. */
final class Contestant {
    private final List<ApplicationFigures> applications = new ArrayList<>();

    void add(ApplicationFigures figures) {
        applications.add(figures);
    }

    int applications() {
        return applications.size();
    }

    /** Seconds of all timed rounds, in order. */
    Samples seconds() {
        return of(RoundFigures::seconds).orElseThrow();
    }

    /** Seconds of the rounds of one application. */
    Samples seconds(int application) {
        return new Samples(applications.get(application).rounds().stream()
                .map(RoundFigures::seconds)
                .toList());
    }

    /** A figure of all timed rounds; empty where there is none. */
    Optional<Samples> of(Function<RoundFigures, Number> figure) {
        List<Double> values = applications.stream()
                .flatMap(application -> application.rounds().stream())
                .map(figure)
                .flatMap(Stream::ofNullable)
                .map(Number::doubleValue)
                .toList();
        return values.isEmpty() ? Optional.empty() : Optional.of(new Samples(values));
    }

    /** A figure of whole applications. */
    Samples ofApplications(ToLongFunction<ApplicationFigures> figure) {
        return new Samples(applications.stream()
                .map(application -> (double) figure.applyAsLong(application))
                .toList());
    }
}
