package org.starling.training;

/**
 * How often a replica was trained for a round, in this start of a run.
 *
 * @param trained completed trainings, those whose results were lost or thrown away included
 * @param repeated of them, of a replica and a round that had been trained before
 */
public record ReplicaRounds(long trained, long repeated) {}
