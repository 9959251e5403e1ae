/**
 * {@code report.html}: what a run did and learned, in one file that needs no network. Depends on the run directory, and on
 * nothing of Spark.
 */
package org.starling.jobs.report;
