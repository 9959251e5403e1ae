/**
 * What a training run leaves behind and shows while it goes: the run directory and its files, the console, the log. Everything
 * here listens to {@link org.starling.training.TrainingEvent}s and decides nothing.
 */
package org.starling.jobs.run;
