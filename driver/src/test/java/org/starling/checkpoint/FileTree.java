package org.starling.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** All that lies in a folder. */
public final class FileTree {
    private FileTree() {}

    /** Path below the folder to the file's bytes in hexadecimal, or to {@code folder}. */
    public static SortedMap<String, String> of(Path folder) throws IOException {
        SortedMap<String, String> tree = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            paths.forEach(path -> tree.put(folder.relativize(path).toString(), content(path)));
        }
        return tree;
    }

    private static String content(Path path) {
        try {
            return Files.isDirectory(path) ? "folder" : HexFormat.of().formatHex(Files.readAllBytes(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
