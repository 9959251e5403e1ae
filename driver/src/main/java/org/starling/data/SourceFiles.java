package org.starling.data;

import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;
import org.starling.Undeclared;

/** The visible files of an image set. Names that begin with a dot or an underscore are hidden, as in Hadoop. */
final class SourceFiles {
    /** Order by code point, which UTF-8 keeps and {@link String#compareTo} does not. */
    static final Comparator<String> BY_CODE_POINT =
            (a, b) -> Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

    private static final int NAMES_SHOWN = 5;
    private static final int LISTING_THREADS = 16;

    private final FileSystem fileSystem;
    private final Path path;
    private final List<FileStatus> matches;

    private SourceFiles(FileSystem fileSystem, Path path, List<FileStatus> matches) {
        this.fileSystem = fileSystem;
        this.path = path;
        this.matches = matches;
    }

    /** Finds what a path names; it may hold Hadoop's wildcards. */
    static SourceFiles at(String name, Configuration configuration) {
        try {
            Path path = new Path(name);
            FileSystem fileSystem = path.getFileSystem(configuration);
            path = path.makeQualified(fileSystem.getUri(), fileSystem.getWorkingDirectory());
            List<FileStatus> matches = find(fileSystem, path);
            return new SourceFiles(
                    fileSystem, matches.size() == 1 ? matches.get(0).getPath() : path, matches);
        } catch (FileNotFoundException e) {
            throw new InputException(
                    "Image path " + name + " does not exist. Expected a folder or file of images;"
                            + " relative paths are resolved against the current directory.",
                    e);
        } catch (IOException | IllegalArgumentException e) {
            throw new InputException(
                    "Image path " + name + " cannot be read: " + reason(e)
                            + ". Expected a path on a file system that Hadoop knows, such as /folder or hdfs://host/folder.",
                    e);
        }
    }

    private static List<FileStatus> find(FileSystem fileSystem, Path path) throws IOException {
        try {
            return List.of(fileSystem.getFileStatus(path));
        } catch (FileNotFoundException e) {
            FileStatus[] matches = fileSystem.globStatus(path);
            if (matches == null || matches.length == 0) {
                throw e;
            }
            return sorted(matches);
        }
    }

    FileSystem fileSystem() {
        return fileSystem;
    }

    /** The qualified path. */
    Path path() {
        return path;
    }

    boolean isFolder() {
        return matches.size() == 1 && matches.get(0).isDirectory();
    }

    /** The folder that holds the files: the path itself, or the deepest one above everything that it names. */
    Path folder() {
        if (isFolder()) {
            return path;
        }
        Path folder = matches.get(0).getPath().getParent();
        for (FileStatus match : matches) {
            while (!isBelow(match.getPath(), folder)) {
                folder = folder.getParent();
            }
        }
        return folder;
    }

    private static boolean isBelow(Path file, Path folder) {
        return folder.isRoot()
                || file.toUri().getPath().startsWith(folder.toUri().getPath() + Path.SEPARATOR);
    }

    /** What the path names, or what a folder holds; ordered by code point, without hidden entries. */
    List<FileStatus> entries() {
        return isFolder() ? entries(path) : matches;
    }

    List<FileStatus> entries(Path folder) {
        try {
            return sorted(fileSystem.listStatus(folder));
        } catch (IOException e) {
            throw new InputException("Image folder " + folder + " cannot be listed: " + reason(e) + ".", e);
        }
    }

    /** Every file among entries and below those that are folders, at any depth. */
    List<FileStatus> filesAmong(List<FileStatus> entries) {
        List<FileStatus> files = new ArrayList<>();
        for (FileStatus entry : entries) {
            if (entry.isDirectory()) {
                files.addAll(filesAmong(entries(entry.getPath())));
            } else {
                files.add(entry);
            }
        }
        return files;
    }

    /**
     * What lies below each of some folders, as {@link #filesAmong} finds it. Folders are listed side by side: on a store far away each takes a while.
     */
    List<List<FileStatus>> filesBelow(List<FileStatus> folders) {
        ExecutorService listing = Executors.newFixedThreadPool(
                Math.max(1, Math.min(LISTING_THREADS, folders.size())), SourceFiles::daemon);
        try {
            List<Future<List<FileStatus>>> found = folders.stream()
                    .map(folder -> listing.submit(() -> filesAmong(List.of(folder))))
                    .toList();
            List<List<FileStatus>> files = new ArrayList<>();
            for (Future<List<FileStatus>> future : found) {
                files.add(future.get());
            }
            return files;
        } catch (ExecutionException e) {
            throw Undeclared.thrown(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while " + path + " was listed");
        } finally {
            listing.shutdownNow();
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "starling-listing");
        thread.setDaemon(true);
        return thread;
    }

    /** The class names in a text file beside the images, one a line, where there is such a file. */
    Optional<List<String>> classNames(String name) {
        Path file = new Path(folder(), name);
        try (InputStream in = fileSystem.open(file)) {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            in.transferTo(text);
            List<String> names = text.toString(StandardCharsets.UTF_8)
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
            if (Set.copyOf(names).size() < names.size()) {
                throw new InputException("The file " + file + " names a class twice. Expected a different name on each"
                        + " line: the first line names class 0.");
            }
            return Optional.of(names);
        } catch (FileNotFoundException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new InputException("Class names cannot be read from " + file + ": " + reason(e) + ".", e);
        }
    }

    /** What a person would see in a file listing. */
    String summary() {
        List<FileStatus> entries = entries();
        if (entries.isEmpty()) {
            return "is empty (hidden files aside)";
        }
        if (!isFolder() && entries.size() == 1) {
            return "is a file of " + entries.get(0).getLen() + " bytes";
        }
        long folders = entries.stream().filter(FileStatus::isDirectory).count();
        String names = entries.stream()
                .limit(NAMES_SHOWN)
                .map(entry -> entry.getPath().getName() + (entry.isDirectory() ? "/" : ""))
                .collect(Collectors.joining(", "));
        return "holds " + (entries.size() - folders) + " files and " + folders + " sub-folders: " + names
                + (entries.size() > NAMES_SHOWN ? ", ..." : "");
    }

    static String reason(Throwable e) {
        return e.getMessage() == null
                ? e.getClass().getSimpleName()
                : e.getMessage().lines().findFirst().orElse("");
    }

    private static List<FileStatus> sorted(FileStatus[] entries) {
        return Arrays.stream(entries)
                .filter(entry -> !hidden(entry.getPath().getName()))
                .sorted(Comparator.comparing(entry -> entry.getPath().getName(), BY_CODE_POINT))
                .toList();
    }

    static boolean hidden(String name) {
        return name.startsWith(".") || name.startsWith("_");
    }
}
