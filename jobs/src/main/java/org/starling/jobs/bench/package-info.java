/**
 * Benchmarks of the product's own code: what is run in turn, how it is timed, and the report. Knows no command line but the options of
 * a benchmark, which the launcher reads too.
 */
package org.starling.jobs.bench;
