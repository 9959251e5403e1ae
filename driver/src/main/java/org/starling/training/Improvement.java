package org.starling.training;

/**
 * Whether validation top-1 still gets better, as plateau and early stopping ask it.
 *
 * @param best the accuracy to beat; negative before the first validation
 * @param since validations since then that did not beat it
 */
record Improvement(double best, int since) {
    static final Improvement NONE = new Improvement(-1, 0);

    /** @param minDelta what counts as better */
    Improvement after(double accuracy, double minDelta) {
        return best < 0 || accuracy > best + minDelta ? new Improvement(accuracy, 0) : new Improvement(best, since + 1);
    }

    /** The same best, waiting anew. */
    Improvement waitAgain() {
        return new Improvement(best, 0);
    }
}
