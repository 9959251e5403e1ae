package org.starling.jobs.cluster;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which round a task trains in, as an {@link ExecutorDebugger} sees it: rounds come one after the other, each in a stage of its own. */
final class TrainingCalls {
    /** Called once by every attempt that trains, when it has gathered. */
    static final Map<String, List<String>> METHODS = Map.of("org.starling.training.LocalSgd", List.of("train"));

    private static final String TRAIN = "LocalSgd.train";

    private final Map<Integer, Integer> rounds = new HashMap<>();

    /** Whether the call is that of {@link #METHODS}; its round is known from then on. */
    synchronized boolean begins(ExecutorDebugger.Call call) {
        boolean begins = call.method().equals(TRAIN);
        if (begins) {
            rounds.computeIfAbsent(call.stage(), stage -> rounds.size() + 1);
        }
        return begins;
    }

    /** The round of a call, from 1; 0 when its stage does not train. */
    synchronized int roundOf(ExecutorDebugger.Call call) {
        return rounds.getOrDefault(call.stage(), 0);
    }
}
