package org.starling.data;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.security.AccessControlException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import org.starling.InputException;

/**
 * Image files, one sub-folder a class; files may be nested below it. The driver holds the names of all files, about 100
 * bytes and the name's length an image.
 */
record FolderSource(String folder, List<String> classes, List<ImageFile> files) implements ImageSource {
    /** No picture that fits {@link ImageDecoder#MAXIMUM_PIXELS} needs more. */
    private static final int MAXIMUM_BYTES = 512 << 20;

    /** A task carries the names of its files: 4096 take some 300 kB. */
    private static final int FILES_PER_TASK = 4096;

    private static final int UNLABELLED = -1;

    /** One file: its path below the set's folder, and its class. */
    record ImageFile(String name, int label) implements NamedImage, Serializable {}

    static FolderSource open(SourceFiles files) {
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
        for (FileStatus folder : folders) {
            int label = classes.size();
            classes.add(folder.getPath().getName());
            addAll(images, files.path(), files.filesAmong(List.of(folder)), label);
        }
        if (images.isEmpty()) {
            throw new InputException("The " + classes.size() + " class folders of " + files.path()
                    + " hold no files. Expected image files in each of them.");
        }
        return new FolderSource(files.path().toString(), List.copyOf(classes), images);
    }

    static FolderSource openUnlabelled(SourceFiles files) {
        List<ImageFile> images = new ArrayList<>();
        addAll(images, files.folder(), files.filesAmong(files.entries()), UNLABELLED);
        if (images.isEmpty()) {
            throw new InputException("No files in " + files.path() + ". Expected image files.");
        }
        return new FolderSource(files.folder().toString(), List.of(), images);
    }

    private static void addAll(List<ImageFile> images, Path root, List<FileStatus> files, int label) {
        int prefix = root.toUri().getPath().length() + (root.isRoot() ? 0 : 1);
        for (FileStatus file : files) {
            images.add(new ImageFile(file.getPath().toUri().getPath().substring(prefix), label));
        }
    }

    @Override
    public String format() {
        return "folder";
    }

    @Override
    public boolean namesClasses() {
        return true;
    }

    @Override
    public List<ImageFile> images(JavaSparkContext context) {
        return files;
    }

    /** Each file is read where it is wanted. */
    @Override
    public JavaRDD<ImageRecord> select(JavaSparkContext context, List<List<String>> names) {
        Broadcast<SerializableConfiguration> configuration =
                context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
        Map<String, ImageFile> byName = files.stream().collect(Collectors.toMap(ImageFile::name, file -> file));
        List<List<ImageFile>> chosen = names.stream()
                .map(list -> list.stream().map(byName::get).toList())
                .toList();
        return read(context.parallelize(chosen, chosen.size()).flatMap(List::iterator), folder, configuration);
    }

    @Override
    public JavaRDD<ImageRecord> records(JavaSparkContext context) {
        int partitions = (files.size() + FILES_PER_TASK - 1) / FILES_PER_TASK;
        return records(context, Math.max(partitions, context.defaultParallelism()));
    }

    @Override
    public JavaRDD<ImageRecord> records(JavaSparkContext context, int partitions) {
        Broadcast<SerializableConfiguration> configuration =
                context.broadcast(new SerializableConfiguration(context.hadoopConfiguration()));
        return read(context.parallelize(files, Math.min(partitions, files.size())), folder, configuration);
    }

    private static JavaRDD<ImageRecord> read(
            JavaRDD<ImageFile> files, String folder, Broadcast<SerializableConfiguration> configuration) {
        return files.map(file -> read(folder, file, configuration.value().value()));
    }

    /** A file that cannot be read becomes a record that says why: it is one bad image, not the end of the job. */
    private static ImageRecord read(String folder, ImageFile file, Configuration configuration) {
        Path path = new Path(folder, new Path(null, null, file.name()));
        try (FSDataInputStream in = path.getFileSystem(configuration).open(path)) {
            byte[] bytes = in.readNBytes(MAXIMUM_BYTES + 1);
            return bytes.length > MAXIMUM_BYTES
                    ? unreadable(file, "the file is larger than " + (MAXIMUM_BYTES >> 20) + " MiB")
                    : new ImageRecord(file.name(), file.label(), ImageRecord.Encoding.FILE, 0, 0, 0, bytes);
        } catch (FileNotFoundException | AccessControlException | ChecksumException e) {
            return unreadable(file, "the file cannot be read: " + SourceFiles.reason(e));
        } catch (IllegalArgumentException e) {
            return unreadable(file, "Hadoop cannot open a file of this name: " + SourceFiles.reason(e));
        } catch (IOException e) {
            throw new InputException(
                    "Image file " + path + " could not be read: " + SourceFiles.reason(e)
                            + ". The storage failed; run the job again when it is well.",
                    e);
        }
    }

    private static ImageRecord unreadable(ImageFile file, String reason) {
        return new ImageRecord(
                file.name(),
                file.label(),
                ImageRecord.Encoding.UNREADABLE,
                0,
                0,
                0,
                reason.getBytes(StandardCharsets.UTF_8));
    }
}
