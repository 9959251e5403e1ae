/**
 * The command line: one picocli class a job, what they share, and how every failure becomes an exit code and one paragraph.
 * Depends on everything; nothing depends on it.
 */
package org.starling.jobs;
