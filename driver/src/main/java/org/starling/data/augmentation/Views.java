package org.starling.data.augmentation;

import java.util.List;
import java.util.function.Consumer;
import org.starling.data.augmentation.Rendering.Region;

/** Parts of one picture that a network is asked about in evaluation; its answers are averaged. */
public enum Views {
    /** The centre alone. */
    CENTRE(List.of(rendering -> {})),

    /** The four corners and the centre, and each of them mirrored, as Krizhevsky, Sutskever and Hinton evaluated (2012). */
    TEN(List.of(
            corner(0, 0, false),
            corner(0, 1, false),
            corner(1, 0, false),
            corner(1, 1, false),
            rendering -> {},
            corner(0, 0, true),
            corner(0, 1, true),
            corner(1, 0, true),
            corner(1, 1, true),
            Rendering::mirror));

    private final List<Consumer<Rendering>> changes;

    Views(List<Consumer<Rendering>> changes) {
        this.changes = changes;
    }

    /**
     * @param bottom 1 for the lower edge, 0 for the upper one
     * @param right 1 for the right edge, 0 for the left one
     */
    private static Consumer<Rendering> corner(int bottom, int right, boolean mirrored) {
        return rendering -> {
            int top = bottom * (rendering.pictureHeight() - rendering.height());
            int left = right * (rendering.pictureWidth() - rendering.width());
            rendering.show(new Region(top, left, rendering.height(), rendering.width()));
            if (mirrored) {
                rendering.mirror();
            }
        };
    }

    /** How many there are. */
    public int count() {
        return changes.size();
    }

    /** Makes the rendering of the picture's centre one of the views, numbered from 0. */
    public void apply(int view, Rendering rendering) {
        changes.get(view).accept(rendering);
    }
}
