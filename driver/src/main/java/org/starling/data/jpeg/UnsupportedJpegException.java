package org.starling.data.jpeg;

/** A file that is to be read by a decoder that knows more: of another kind, or damaged. */
final class UnsupportedJpegException extends Exception {
    private static final long serialVersionUID = 1L;

    UnsupportedJpegException() {
        super("not a JPEG file of the common kind", null, false, false);
    }
}
