package org.starling.model;

/** Keras's identity: {@code gain} on the diagonal of a dense kernel. */
record IdentityInitializer(double gain, KernelLayout layout) implements Initializer {
    @Override
    public void fill(long seed, long offset, long from, float[] target, int start, int count) {
        int columns = layout.shape().get(1);
        for (int i = 0; i < count; i++) {
            long index = layout.kerasIndex(from + i);
            target[start + i] = index / columns == index % columns ? (float) gain : 0;
        }
    }
}
