package org.starling.training;

import java.util.regex.Pattern;

/** How a checkpoint names an object of a program's own, so that a resumed run can tell whether it has the same. */
final class ProgramObject {
    private static final String UNKNOWN = " (cannot be compared)";

    /** What {@link Object#toString} and an array's say: another thing in every JVM. */
    private static final Pattern ADDRESS = Pattern.compile("@[0-9a-f]{1,8}\\b");

    private ProgramObject() {}

    /** Its class, and what it says of itself; marked where that is nothing to compare by. */
    static String describe(Object object) {
        Class<?> type = object.getClass();
        // The rest of a lambda's or of a hidden class's name is another one in every JVM.
        String name = type.getName().replaceFirst("\\$\\$Lambda.*|/0x.*", " lambda");
        String text = object.toString();
        if (text == null || ADDRESS.matcher(text).find() || type.isHidden()) {
            return name + UNKNOWN;
        }
        // As records begin.
        return text.startsWith(type.getSimpleName() + "[")
                ? name + text.substring(type.getSimpleName().length())
                : name + " " + text;
    }

    /** Whether equal descriptions are those of equal objects. */
    static boolean isComparable(String description) {
        return !description.contains(UNKNOWN);
    }
}
