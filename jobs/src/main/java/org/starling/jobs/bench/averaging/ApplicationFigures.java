package org.starling.jobs.bench.averaging;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;

/**
 * What an application measured, which it prints as one line of JSON.
 *
 * @param rounds that were timed, in order
 * @param driverPeakHeapBytes most heap that the driver's JVM used since it started
 * @param executorPeakHeapBytes the same of the executor that used most
 */
record ApplicationFigures(List<RoundFigures> rounds, long driverPeakHeapBytes, long executorPeakHeapBytes) {
    private static final ObjectMapper JSON = new ObjectMapper();

    String json() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("figures that are no JSON", e);
        }
    }

    /** @throws IllegalArgumentException when the text is something else */
    static ApplicationFigures of(String json) {
        try {
            return JSON.readValue(json, ApplicationFigures.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("no figures: '" + json + "'", e);
        }
    }
}
