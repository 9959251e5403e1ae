package org.starling.jobs;

/** The entry point of every job. */
public final class Starling {
    private Starling() {}

    public static void main(String[] args) {
        System.out.println("starling");
    }
}
