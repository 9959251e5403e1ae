package org.starling;

import java.util.regex.Pattern;

/**
 * Text in cells of CSV files that spreadsheets open. One that begins like a formula is calculated there, whatever quotes stand around it, so it gets
 * an apostrophe before it, as OWASP recommends against CSV injection. So that {@link #value} finds every text again, one gets it as well that
 * begins with apostrophes before such a character.
 */
public final class CsvText {
    /** Equals, plus, minus and at, their wide forms, tab and line ends. */
    private static final String FORMULA = "[=+\\-@\\uff1d\\uff0b\\uff0d\\uff20\\t\\r\\n]";

    private static final Pattern DANGEROUS = Pattern.compile("'*" + FORMULA);
    private static final Pattern MARKED = Pattern.compile("'+" + FORMULA);

    private CsvText() {}

    /** The text as a cell holds it; quotes around it are for whoever writes the file. Null stays null. */
    public static String cell(String text) {
        return text != null && DANGEROUS.matcher(text).lookingAt() ? "'" + text : text;
    }

    /** The text of a cell that {@link #cell} made. */
    public static String value(String cell) {
        return cell != null && MARKED.matcher(cell).lookingAt() ? cell.substring(1) : cell;
    }
}
