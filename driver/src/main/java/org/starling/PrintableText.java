package org.starling;

/**
 * Names and messages from elsewhere (class names, file names, a model's layers) as text that may be shown: a terminal obeys escape sequences, a line
 * end begins a line that nobody wrote, and Unicode's marks of direction let text read otherwise than it is. Such characters are shown as
 * {@code \}{@code u001b}.
 */
public final class PrintableText {
    private PrintableText() {}

    /** The text in one line. */
    public static String line(String text) {
        return replaced(text, "");
    }

    /** The text with the line ends and tabs that it has. */
    public static String lines(String text) {
        return replaced(text, "\n\t");
    }

    /** At most so many characters of the text, in one line. */
    public static String excerpt(String text, int most) {
        return text.length() <= most ? line(text) : line(text.substring(0, most)) + "...";
    }

    private static String replaced(String text, String kept) {
        if (text.codePoints().allMatch(c -> !isHidden(c) || kept.indexOf(c) >= 0)) {
            return text;
        }
        StringBuilder shown = new StringBuilder();
        text.codePoints().forEach(c -> {
            if (!isHidden(c) || kept.indexOf(c) >= 0) {
                shown.appendCodePoint(c);
            } else {
                shown.append(escape(c));
            }
        });
        return shown.toString();
    }

    private static String escape(int c) {
        return switch (c) {
            case '\n' -> "\\n";
            case '\r' -> "\\r";
            case '\t' -> "\\t";
            default -> String.format("\\u%04x", c);
        };
    }

    private static boolean isHidden(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            case Character.FORMAT -> isDirection(c);
            default -> false;
        };
    }

    /** Unicode's property Bidi_Control. */
    private static boolean isDirection(int c) {
        return c == 0x061C || c == 0x200E || c == 0x200F || c >= 0x202A && c <= 0x202E || c >= 0x2066 && c <= 0x2069;
    }
}
