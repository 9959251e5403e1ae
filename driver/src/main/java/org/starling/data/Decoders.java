package org.starling.data;

import java.util.function.IntConsumer;
import org.starling.kernels.ComputeTeam;

/**
 * What decodes images into minibatches: threads, and arrays that have been used. One thread may ask for minibatches while another gives their arrays
 * back.
 */
public final class Decoders implements AutoCloseable {
    /** Of the threads that compute, one in so many decodes as well. */
    private static final int COMPUTING_PER_DECODER = 8;

    private final FeatureArrays arrays;
    private final ComputeTeam team;
    private final boolean ownTeam;

    /** The calling thread alone. */
    public Decoders() {
        this(1);
    }

    /** @param threads the calling one included */
    Decoders(int threads) {
        this(ComputeTeam.inBackground(threads, "starling-decode"), true, new FeatureArrays());
    }

    /**
     * For minibatches that are asked for by the thread that computes: decodes on all of its threads.
     *
     * @param team of the caller's, who closes it. What cancels its computing cancels decoding
     * @param arrays that others use too
     */
    public Decoders(ComputeTeam team, FeatureArrays arrays) {
        this(team, false, arrays);
    }

    private Decoders(ComputeTeam team, boolean ownTeam, FeatureArrays arrays) {
        this.team = team;
        this.ownTeam = ownTeam;
        this.arrays = arrays;
    }

    /** For a network that so many threads compute: the calling thread, and more where it would not keep up with them. */
    public static Decoders besides(int computing) {
        return new Decoders(Math.max(1, computing / COMPUTING_PER_DECODER));
    }

    /** An array of at least so many values, whatever they are. */
    float[] take(int length) {
        return arrays.take(length);
    }

    /** Takes the array of a minibatch that nobody will look at again. */
    public void giveBack(Minibatch batch) {
        arrays.giveBack(batch);
    }

    /**
     * Calls {@code decode} once for every number below {@code images}, which thread whichever number.
     *
     * @throws java.util.concurrent.CancellationException between two images, when they are no longer wanted
     */
    void run(int images, IntConsumer decode) {
        team.run(images, (i, worker) -> {
            if (worker == 0) {
                // The calling thread, which alone may ask.
                team.checkCancelled();
            }
            decode.accept(i);
        });
    }

    /** Ends its own threads, after whoever asks for minibatches. */
    @Override
    public void close() {
        if (ownTeam) {
            team.close();
        }
    }
}
