package org.starling.data.augmentation;

import java.io.Serializable;
import java.util.SplittableRandom;

/** A change of training pictures, a function of the rendering it is given and of what it draws. */
public interface AugmentationStep extends Serializable {
    /** Its name in training files; what it draws depends on it, and not on the steps beside it. */
    String name();

    /**
     * Changes how a picture is rendered.
     *
     * @param rendering as the steps before left it
     * @param random of this step, this picture and this epoch alone
     */
    void apply(Rendering rendering, SplittableRandom random);
}
