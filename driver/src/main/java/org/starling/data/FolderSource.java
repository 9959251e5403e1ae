package org.starling.data;

import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.starling.InputException;

/** Image files, one sub-folder a class; files may be nested below it. */
final class FolderSource {
    private static final String FORMAT = "folder";

    private FolderSource() {}

    static ImageSource open(SourceFiles files) {
        List<FileStatus> folders =
                files.entries().stream().filter(FileStatus::isDirectory).toList();
        if (!files.isFolder() || folders.isEmpty()) {
            throw new InputException("No class folders in " + files.path() + ", which " + files.summary()
                    + ". Expected one sub-folder of images for each class.");
        }
        if (folders.size() == 1) {
            throw new InputException("Only one class folder in " + files.path() + ": "
                    + folders.get(0).getPath().getName()
                    + ". A classifier needs at least two classes; name the folder whose sub-folders are the classes.");
        }
        List<String> classes = new ArrayList<>();
        List<ImageFile> images = new ArrayList<>();
        FileStates state = new FileStates();
        for (List<FileStatus> found : files.filesBelow(folders)) {
            int label = classes.size();
            classes.add(folders.get(label).getPath().getName());
            addAll(images, state, files.path(), found, label);
        }
        if (images.isEmpty()) {
            throw new InputException("The " + classes.size() + " class folders of " + files.path()
                    + " hold no files. Expected image files in each of them.");
        }
        String folder = files.path().toString();
        return new ListedSource(FORMAT, folder, folder, List.copyOf(classes), true, state.value(), images);
    }

    static ImageSource openUnlabelled(SourceFiles files) {
        List<ImageFile> images = new ArrayList<>();
        FileStates state = new FileStates();
        addAll(images, state, files.folder(), files.filesAmong(files.entries()), NamedImage.UNLABELLED);
        if (images.isEmpty()) {
            throw new InputException("No files in " + files.path() + ". Expected image files.");
        }
        String folder = files.folder().toString();
        return new ListedSource(FORMAT, folder, folder, List.of(), true, state.value(), images);
    }

    private static void addAll(List<ImageFile> images, FileStates state, Path root, List<FileStatus> files, int label) {
        int prefix = root.toUri().getPath().length() + (root.isRoot() ? 0 : 1);
        for (FileStatus file : files) {
            state.add(file);
            images.add(new ImageFile(file.getPath().toUri().getPath().substring(prefix), label));
        }
    }
}
