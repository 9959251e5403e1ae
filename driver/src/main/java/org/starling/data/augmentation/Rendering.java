package org.starling.data.augmentation;

import java.util.ArrayList;
import java.util.List;

/**
 * How one picture becomes a network's input: which part of it is shown, mirrored or moved, with which colours, and what is covered. It begins as the
 * centre of the picture, unchanged, which is how pictures are evaluated.
 */
public final class Rendering {
    private final int pictureHeight;
    private final int pictureWidth;
    private final int height;
    private final int width;
    private final ColourChange colours;
    private final List<Area> covered = new ArrayList<>();
    private Region region;
    private boolean mirrored;
    private int down;
    private int right;

    /**
     * Part of the picture, in its pixels as it is scaled.
     *
     * @param top rows above it
     * @param left columns left of it
     */
    public record Region(double top, double left, double height, double width) {}

    /**
     * Part of the network's input, in pixels; it may reach beyond its edges.
     *
     * @param top rows above it
     * @param left columns left of it
     */
    public record Area(int top, int left, int height, int width) {}

    /**
     * @param pictureHeight rows of the picture as it is scaled, at least {@code height}
     * @param pictureWidth columns
     * @param height rows of the network's input
     * @param width columns
     * @param channels 1 or 3
     */
    public Rendering(int pictureHeight, int pictureWidth, int height, int width, int channels) {
        this.pictureHeight = pictureHeight;
        this.pictureWidth = pictureWidth;
        this.height = height;
        this.width = width;
        this.colours = new ColourChange(channels);
        this.region = new Region((pictureHeight - height) / 2, (pictureWidth - width) / 2, height, width);
    }

    /** Rows of the whole picture, as it is scaled. */
    public int pictureHeight() {
        return pictureHeight;
    }

    /** Columns of the whole picture, as it is scaled. */
    public int pictureWidth() {
        return pictureWidth;
    }

    /** Rows of the network's input. */
    public int height() {
        return height;
    }

    /** Columns of the network's input. */
    public int width() {
        return width;
    }

    /**
     * Shows another part of the picture, scaled to the network's input.
     *
     * @throws IllegalArgumentException when it is empty, or not within the picture
     */
    public void show(Region part) {
        boolean within = part.top() >= 0
                && part.left() >= 0
                && part.height() > 0
                && part.width() > 0
                && part.top() + part.height() <= pictureHeight
                && part.left() + part.width() <= pictureWidth;
        if (!within) {
            throw new IllegalArgumentException(part + " of a picture of " + pictureHeight + " x " + pictureWidth);
        }
        region = part;
    }

    /** Exchanges left and right of what is there so far. */
    public void mirror() {
        mirrored = !mirrored;
        right = -right;
        covered.replaceAll(
                area -> new Area(area.top(), width - area.left() - area.width(), area.height(), area.width()));
    }

    /** Moves what is there so far; what that uncovers has the set's mean colour. */
    public void move(int rowsDown, int columnsRight) {
        down += rowsDown;
        right += columnsRight;
        covered.replaceAll(
                area -> new Area(area.top() + rowsDown, area.left() + columnsRight, area.height(), area.width()));
    }

    /** Covers a part with the set's mean colour. */
    public void cover(Area area) {
        covered.add(area);
    }

    /** The change of its colours, to add to. */
    public ColourChange colours() {
        return colours;
    }

    /** The part of the picture that is shown. */
    public Region region() {
        return region;
    }

    /** Whether left and right are exchanged, before the move. */
    public boolean mirrored() {
        return mirrored;
    }

    /** Rows by which it is moved down; negative for up. */
    public int down() {
        return down;
    }

    /** Columns by which it is moved to the right. */
    public int right() {
        return right;
    }

    /** What is covered. */
    public List<Area> covered() {
        return List.copyOf(covered);
    }
}
