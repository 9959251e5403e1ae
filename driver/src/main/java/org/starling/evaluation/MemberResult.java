package org.starling.evaluation;

/**
 * One network's part in an ensemble.
 *
 * @param model its path
 * @param weight in the average; the weights of all add up to 1
 * @param alone what it scores by itself
 * @param without what the others score without it: what it adds is the difference to the ensemble. Null where the others weigh nothing
 */
public record MemberResult(String model, double weight, Score alone, Score without) {}
