package org.starling.jobs.configuration;

import java.util.regex.Pattern;

/** Keeps secrets out of what a run writes down. */
public final class Redaction {
    private static final Pattern PASSWORD_IN_URI = Pattern.compile("(?<=://)([^/@\\s:]*):[^/@\\s]*@");
    private static final Pattern SECRET_VALUE = Pattern.compile(
            // From a word's beginning on, or a long word would be searched from each of its letters.
            "(?i)(?<![\\w.-])([\\w.-]*(?:password|secret|token|credential|access\\.key|account\\.key)[\\w.-]*\\s*[=:]\\s*)\\S+");

    private Redaction() {}

    /** The text with {@code user:password@} of every URI as {@code user:***@}; a user alone (wasb, abfs) stays. */
    public static String ofUri(String text) {
        return PASSWORD_IN_URI.matcher(text).replaceAll("$1:***@");
    }

    /** The text without passwords in URIs and without the values of keys that name a secret. */
    public static String ofText(String text) {
        return SECRET_VALUE.matcher(ofUri(text)).replaceAll("$1***");
    }
}
