package org.starling.data;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;

/**
 * Tar archives of images, not compressed: with a folder a class, one archive a class as ImageNet has them, or samples as WebDataset has them (an
 * image and a {@code .cls} of the same name with the class's number). Their headers are read when the set is opened; an image is read from its
 * place in the archive.
 */
final class TarSource {
    private static final String FORMAT = "tar";
    private static final String SUFFIX = ".tar";
    private static final String LABEL_SUFFIX = "cls";

    /** A class's number and a line's end. */
    private static final int LONGEST_LABEL = 32;

    /** What WebDataset's samples have besides images. */
    private static final Set<String> IMAGE_SUFFIXES = Set.of("jpg", "jpeg", "png", "gif", "bmp", "webp");

    private TarSource() {}

    private static boolean isTar(FileStatus file) {
        return !file.isDirectory() && file.getPath().getName().endsWith(SUFFIX);
    }

    /** Whether files are archives, all but the names of their classes. */
    static boolean areArchives(List<FileStatus> files) {
        return files.stream().anyMatch(TarSource::isTar)
                && files.stream()
                        .allMatch(
                                file -> isTar(file) || file.getPath().getName().equals(NumberedClasses.FILE));
    }

    /**
     * A file in an archive.
     *
     * @param path in the archive, without a leading {@code ./}
     * @param label its text, of a {@code .cls}; null for others
     */
    private record Entry(String path, long offset, long length, String label) {
        String fileName() {
            return path.substring(path.lastIndexOf('/') + 1);
        }

        /** What the files of a sample have in common: all up to the first dot of the name. */
        String key() {
            String name = fileName();
            int dot = name.indexOf('.');
            return path.substring(0, path.length() - name.length()) + (dot < 0 ? name : name.substring(0, dot));
        }

        Entry as(String other) {
            return new Entry(other, offset, length, label);
        }

        String suffix() {
            return path.substring(path.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        }
    }

    /** @param archive its path below the set's folder */
    private record Archive(String archive, Path path, List<Entry> entries) {
        String className(Entry entry) {
            int slash = entry.path().indexOf('/');
            String name = path.getName();
            return slash < 0
                    ? name.substring(0, name.length() - SUFFIX.length())
                    : entry.path().substring(0, slash);
        }

        /** Where there are folders, files beside them are none's, as in a folder on disk. */
        Stream<Entry> inFolders() {
            boolean folders = entries.stream().anyMatch(entry -> entry.path().indexOf('/') >= 0);
            return entries.stream().filter(entry -> !folders || entry.path().indexOf('/') >= 0);
        }

        ArchivedImage image(Entry entry, int label) {
            return new ArchivedImage(
                    archive + "/" + entry.path(), label, path.toString(), entry.offset(), entry.length());
        }
    }

    /** The archives of a set. */
    private record Found(SourceFiles files, List<Archive> archives, String state) {
        ListedSource source(List<String> classes, boolean named, List<ArchivedImage> images) {
            return new ListedSource(
                    FORMAT, files.folder().toString(), files.path().toString(), classes, named, state, images);
        }
    }

    /** @throws InputException when there is no archive, no image in them, or a sample without its class */
    static ImageSource open(SourceFiles files, boolean labelled) {
        Path folder = files.folder();
        int prefix = folder.toUri().getPath().length() + (folder.isRoot() ? 0 : 1);
        List<FileStatus> found = files.filesAmong(files.entries()).stream()
                .filter(TarSource::isTar)
                .toList();
        FileStates states = new FileStates();
        found.forEach(states::add);
        List<Archive> archives = found.parallelStream()
                .map(file -> new Archive(
                        file.getPath().toUri().getPath().substring(prefix), file.getPath(), entries(files, file)))
                .toList();
        if (archives.stream().allMatch(archive -> archive.entries().isEmpty())) {
            throw new InputException("No tar archives with files in " + files.path() + ", which " + files.summary()
                    + ". Expected archives that are not compressed, named like images.tar.");
        }
        boolean samples = archives.stream()
                .anyMatch(archive -> archive.entries().stream().anyMatch(entry -> entry.label() != null));
        Found set = new Found(files, archives, states.value());
        if (!labelled) {
            List<ArchivedImage> images = archives.stream()
                    .flatMap(archive -> archive.entries().stream()
                            .filter(entry -> !samples || IMAGE_SUFFIXES.contains(entry.suffix()))
                            .map(entry -> archive.image(entry, NamedImage.UNLABELLED)))
                    .toList();
            return set.source(List.of(), true, images);
        }
        return samples ? samples(set) : folders(set);
    }

    private static ImageSource folders(Found set) {
        NamedClasses classes = NamedClasses.of(
                set.archives().stream().flatMap(archive -> archive.inFolders().map(archive::className)));
        if (classes.names().size() < 2) {
            throw new InputException(
                    "Only one class in the archives of " + set.files().path() + ": "
                            + classes.names().get(0)
                            + ". Expected a folder a class in them, an archive a class, or samples with a .cls each.");
        }
        List<ArchivedImage> images = set.archives().stream()
                .flatMap(archive ->
                        archive.inFolders().map(entry -> archive.image(entry, classes.label(archive.className(entry)))))
                .toList();
        return set.source(classes.names(), true, images);
    }

    private static ImageSource samples(Found set) {
        List<ArchivedImage> images = new ArrayList<>();
        int largest = 0;
        for (Archive archive : set.archives()) {
            Map<String, Integer> labels = new HashMap<>();
            for (Entry entry : archive.entries()) {
                if (entry.label() != null) {
                    labels.put(entry.key(), label(archive, entry));
                }
            }
            for (Entry entry : archive.entries()) {
                if (IMAGE_SUFFIXES.contains(entry.suffix())) {
                    Integer label = labels.get(entry.key());
                    if (label == null) {
                        throw new InputException("The sample " + entry.key() + " in " + archive.path()
                                + " has an image and no ." + LABEL_SUFFIX + ". Expected a class for each image.");
                    }
                    largest = Math.max(largest, label);
                    images.add(archive.image(entry, label));
                }
            }
        }
        if (images.isEmpty()) {
            throw new InputException("The samples of " + set.files().path()
                    + " have no images. Expected files named like " + "000001.jpg beside 000001.cls.");
        }
        NumberedClasses classes =
                NumberedClasses.of(set.files(), largest, set.files().path().toString());
        return set.source(classes.names(), classes.named(), images);
    }

    private static int label(Archive archive, Entry entry) {
        try {
            int label = Integer.parseInt(entry.label());
            if (label >= 0) {
                return label;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw new InputException("%s in %s is '%s'. Expected the number of a class, from 0 on."
                .formatted(entry.path(), archive.path(), entry.label()));
    }

    /** The files of an archive. Of two of one name the later stands, as for tar itself; a hard link is its file again. */
    private static List<Entry> entries(SourceFiles files, FileStatus archive) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        try (FSDataInputStream in = files.fileSystem().open(archive.getPath());
                TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
            for (TarArchiveEntry entry = tar.getNextTarEntry(); entry != null; entry = tar.getNextTarEntry()) {
                String path = path(entry.getName());
                if (isHidden(path) || entry.isDirectory() || entry.isSymbolicLink() || isDevice(entry)) {
                    continue;
                }
                Entry linked = entry.isLink() ? entries.get(path(entry.getLinkName())) : null;
                if (entry.isLink() && linked == null || entry.isSparse()) {
                    throw new IOException(path + " is "
                            + (entry.isLink() ? "a link to a file that is not before it" : "a sparse file"));
                }
                entries.remove(path);
                entries.put(path, linked == null ? entry(path, entry, tar, in, archive) : linked.as(path));
            }
            return List.copyOf(entries.values());
        } catch (IOException | IllegalArgumentException e) {
            throw new InputException(
                    "The archive " + archive.getPath() + " cannot be read: " + SourceFiles.reason(e)
                            + ". Expected a tar archive that is whole and not compressed.",
                    e);
        }
    }

    private static Entry entry(
            String path, TarArchiveEntry entry, TarArchiveInputStream tar, FSDataInputStream in, FileStatus archive)
            throws IOException {
        long offset = in.getPos();
        if (offset + entry.getSize() > archive.getLen()) {
            throw new IOException("it ends within " + path);
        }
        boolean label = path.endsWith("." + LABEL_SUFFIX) && entry.getSize() <= LONGEST_LABEL;
        return new Entry(
                path,
                offset,
                entry.getSize(),
                label ? new String(tar.readAllBytes(), StandardCharsets.UTF_8).strip() : null);
    }

    private static String path(String name) {
        return name.replaceFirst("^(\\./)+", "");
    }

    private static boolean isHidden(String path) {
        return Stream.of(path.split("/")).anyMatch(SourceFiles::hidden);
    }

    private static boolean isDevice(TarArchiveEntry entry) {
        return entry.isCharacterDevice() || entry.isBlockDevice() || entry.isFIFO();
    }
}
