package org.starling.data;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;

/**
 * A text file with a line an image: its path, and behind a tab or the last space its class. Paths are relative to the list's folder. Classes are names,
 * or all of them numbers.
 */
final class ListSource {
    private static final String FORMAT = "list";

    private ListSource() {}

    private record Line(String path, String label) {}

    /** @throws InputException with the line that cannot be read */
    static ImageSource open(SourceFiles files, boolean labelled) {
        if (files.isFolder() || files.entries().size() != 1) {
            throw new InputException("A list of images is one text file, and " + files.path() + " " + files.summary()
                    + ". Name the file.");
        }
        FileStatus status = files.entries().get(0);
        Path list = status.getPath();
        FileStates states = new FileStates();
        states.add(status);
        String state = states.value();
        List<Line> lines = lines(files, list, labelled);
        String folder = list.getParent().toString();
        if (!labelled) {
            List<ImageFile> images = lines.stream()
                    .map(line -> new ImageFile(line.path(), NamedImage.UNLABELLED))
                    .toList();
            return new ListedSource(FORMAT, folder, list.toString(), List.of(), true, state, images);
        }
        return lines.stream().allMatch(line -> line.label().matches("\\d{1,9}"))
                ? numbered(files, list, folder, state, lines)
                : named(list, folder, state, lines);
    }

    private static ImageSource numbered(SourceFiles files, Path list, String folder, String state, List<Line> lines) {
        List<ImageFile> images = lines.stream()
                .map(line -> new ImageFile(line.path(), Integer.parseInt(line.label())))
                .toList();
        int largest = images.stream().mapToInt(ImageFile::label).max().orElseThrow();
        NumberedClasses classes = NumberedClasses.of(files, largest, list.toString());
        return new ListedSource(FORMAT, folder, list.toString(), classes.names(), classes.named(), state, images);
    }

    private static ImageSource named(Path list, String folder, String state, List<Line> lines) {
        NamedClasses classes = NamedClasses.of(lines.stream().map(Line::label));
        List<ImageFile> images = lines.stream()
                .map(line -> new ImageFile(line.path(), classes.label(line.label())))
                .toList();
        return new ListedSource(FORMAT, folder, list.toString(), classes.names(), true, state, images);
    }

    private static List<Line> lines(SourceFiles files, Path list, boolean labelled) {
        List<Line> lines = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        try (BufferedReader in =
                new BufferedReader(new InputStreamReader(files.fileSystem().open(list), StandardCharsets.UTF_8))) {
            int number = 0;
            for (String text = in.readLine(); text != null; text = in.readLine()) {
                number++;
                if (text.isBlank()) {
                    continue;
                }
                Line line = line(text);
                if (labelled && line.label().isEmpty() || line.path().isEmpty()) {
                    throw new InputException("Line " + number + " of " + list + " is '" + text
                            + "'. Expected the path of an image, a tab or a space, and its class.");
                }
                if (!seen.add(line.path())) {
                    throw new InputException("Line " + number + " of " + list + " names " + line.path()
                            + " again. Expected each image once.");
                }
                lines.add(line);
            }
        } catch (IOException e) {
            throw new InputException("The list " + list + " cannot be read: " + SourceFiles.reason(e) + ".", e);
        }
        if (lines.isEmpty()) {
            throw new InputException("The list " + list + " is empty. Expected a line for each image.");
        }
        return lines;
    }

    private static Line line(String text) {
        int tab = text.lastIndexOf('\t');
        String stripped = text.strip();
        int at = tab >= 0 ? tab : stripped.lastIndexOf(' ');
        String line = tab >= 0 ? text : stripped;
        return at < 0
                ? new Line(stripped, "")
                : new Line(line.substring(0, at).strip(), line.substring(at + 1).strip());
    }
}
