package org.starling.jobs.bench;

/** What a benchmark measured, for people and for programs. */
public interface BenchmarkReport {
    /** Lines for people, each ended by a line feed. */
    String text();

    /** The JSON file's content, UTF-8. */
    byte[] json();
}
