package org.starling;

/** Throws checked exceptions where none is declared, as Scala's methods, and so Spark's, do. */
public final class Undeclared {
    private Undeclared() {}

    /**
     * Throws it as it is.
     *
     * @return never; so that callers can write {@code throw}, and the compiler knows that the method ends there
     */
    public static RuntimeException thrown(Throwable throwable) {
        throw Undeclared.<RuntimeException>unchecked(throwable);
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> E unchecked(Throwable throwable) throws E {
        throw (E) throwable;
    }
}
