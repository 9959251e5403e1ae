package org.starling.jobs.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Another program and what it has reached so far. */
final class PeerSpeeds {
    private final PeerProgram program;
    private final Speeds speeds = new Speeds();
    private final List<JsonNode> reports = new ArrayList<>();

    PeerSpeeds(PeerProgram program) {
        this.program = program;
    }

    /** One round. */
    void measure() {
        PeerProgram.Figures figures = program.run();
        speeds.addTrain(figures.train());
        speeds.addInference(figures.inference());
        reports.add(figures.report());
    }

    String command() {
        return program.command();
    }

    Speeds speeds() {
        return speeds;
    }

    /** What the program printed, round by round. */
    List<JsonNode> reports() {
        return reports;
    }
}
