package org.starling.jobs.configuration;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** Finds what a mistyped key was meant to be. */
final class NearestName {
    private NearestName() {}

    /**
     * The candidate that needs the fewest edits; a candidate's last parts count as itself, so that a key without its section is
     * found. Empty when nothing is near.
     */
    static Optional<String> of(String typed, Collection<String> candidates) {
        return candidates.stream()
                .min(Comparator.comparingInt((String c) -> cost(typed, c)))
                .filter(c -> cost(typed, c) <= 2 * (1 + typed.length() / 4));
    }

    /** Twice the edits, plus one where whole sections have to be added or removed. */
    private static int cost(String typed, String candidate) {
        int cost = 2 * edits(typed, candidate);
        for (int dot = candidate.indexOf('.'); dot >= 0; dot = candidate.indexOf('.', dot + 1)) {
            cost = Math.min(cost, 2 * edits(typed, candidate.substring(dot + 1)) + 1);
        }
        String typedName = typed.substring(typed.lastIndexOf('.') + 1);
        String name = candidate.substring(candidate.lastIndexOf('.') + 1);
        return Math.min(cost, 2 * edits(typedName, name) + 2);
    }

    /** Insertions, deletions, substitutions and swaps of neighbours that turn a into b, upper and lower case alike. */
    static int edits(String first, String second) {
        String a = first.toLowerCase(Locale.ROOT);
        String b = second.toLowerCase(Locale.ROOT);
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int substitution = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                d[i][j] = Math.min(substitution, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
