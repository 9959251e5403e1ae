package org.starling.training;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.starling.InputException;
import org.starling.Undeclared;

/** How often a run's state was lost, to tell a failure that it goes back after from one that ends it. */
final class StateLosses {
    private static final Logger LOG = LoggerFactory.getLogger(StateLosses.class);
    /** Without a new round between: a run that gets no further should say why. */
    private static final int IN_A_ROW = 5;

    private final ReplicaStates states;
    private final RunDirectory directory;
    private int furthestRound;
    private int inARow;

    /** @param directory of the run, for what a person can do */
    StateLosses(ReplicaStates states, RunDirectory directory) {
        this.states = states;
        this.directory = directory;
    }

    /** @param round that is complete */
    void reached(int round) {
        if (round > furthestRound) {
            furthestRound = round;
            inARow = 0;
        }
    }

    /**
     * Throws a failure on, unless it comes from a state that is lost and the run may go back once more.
     *
     * @throws InputException when the state was lost too often
     */
    void requireLost(Exception failure) {
        boolean known = failure instanceof StoppedException
                || failure instanceof DivergedException
                || InputException.within(failure).isPresent();
        if (known || !states.isLost(failure)) {
            throw Undeclared.thrown(failure);
        }
        if (++inARow > IN_A_ROW) {
            throw new InputException(
                    "The run's parameters were lost with the executors that held them " + inARow
                            + " times in a row before round " + (furthestRound + 1) + " was complete. "
                            + directory.lastGood()
                            + " See why executors end (the master's page, their logs), then go on with --resume.",
                    failure);
        }
        LOG.warn("The run's state is lost", failure);
    }
}
