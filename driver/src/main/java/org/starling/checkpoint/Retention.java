package org.starling.checkpoint;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.checkpoint.CheckpointStore.Stored;

/**
 * Which checkpoints of a run stay: the newest ones, and the best by validation accuracy. It looks only when a newer one is complete, so the one
 * that a run has resumed from outlives it until then. Folders without a manifest, with one that cannot be read, or found damaged are not its own.
 */
public final class Retention {
    private final CheckpointStore store;
    private final int keep;
    private final Consumer<String> notice;

    /** Found damaged, or holding what is not ours: never removed, and told once. */
    private final Set<Path> leftAlone = new HashSet<>();

    /**
     * @param keep how many of the newest stay, 0 for all
     * @param refused folders that are neither counted nor removed
     * @param notice told of a checkpoint that cannot be removed
     */
    public Retention(CheckpointStore store, int keep, Collection<Path> refused, Consumer<String> notice) {
        this.store = store;
        this.keep = keep;
        this.notice = notice;
        this.leftAlone.addAll(refused);
    }

    /** Neither counts nor removes these folders from now on. */
    public void leaveAlone(Collection<Path> refused) {
        leftAlone.addAll(refused);
    }

    /** @param written the run's newest checkpoint, complete */
    public void after(Stored written) {
        if (keep == 0) {
            return;
        }
        List<Stored> all;
        try {
            all = store.list();
        } catch (InputException e) {
            // They go after the next one.
            notice.accept(e.getMessage());
            return;
        }
        for (Stored old : expendable(all, written)) {
            store.remove(old).ifPresent(reason -> {
                leftAlone.add(old.folder());
                notice.accept("the checkpoint " + old.folder() + " stays: " + reason);
            });
        }
    }

    /** @param all newest first */
    private List<Stored> expendable(List<Stored> all, Stored written) {
        List<Stored> earlier = all.stream()
                .filter(s -> s.manifest().round() <= written.manifest().round())
                .filter(s -> !s.folder().getName().equals(written.folder().getName()))
                .filter(s -> !leftAlone.contains(s.folder()))
                .toList();
        List<Stored> candidates = new ArrayList<>(List.of(written));
        candidates.addAll(earlier);
        Path best = candidates.stream()
                .filter(s -> s.manifest().accuracy() != null)
                // The first of equals: the newest.
                .reduce((a, b) -> b.manifest().accuracy() > a.manifest().accuracy() ? b : a)
                .map(Stored::folder)
                .orElse(null);
        return candidates.stream()
                .skip(keep)
                .filter(s -> !s.folder().equals(best))
                .sorted(Comparator.comparingInt(s -> s.manifest().round()))
                .toList();
    }
}
