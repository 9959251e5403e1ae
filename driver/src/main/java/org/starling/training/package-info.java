/**
 * A training run as a functional RDD program: rounds of local SGD on every replica, parameter averaging, schedules, listeners. It uses
 * the model, data, evaluation and checkpoint rooms, and Spark; the jobs only hand it a configuration and listen.
 */
package org.starling.training;
