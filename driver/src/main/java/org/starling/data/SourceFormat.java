package org.starling.data;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.starling.InputException;

/** How an image set is laid out in files. */
enum SourceFormat {
    AUTO {
        @Override
        ImageSource open(SourceFiles files, boolean labelled) {
            return detect(files, labelled).open(files, labelled);
        }
    },
    FOLDER {
        @Override
        ImageSource open(SourceFiles files, boolean labelled) {
            return labelled ? FolderSource.open(files) : FolderSource.openUnlabelled(files);
        }
    },
    IDX {
        @Override
        ImageSource open(SourceFiles files, boolean labelled) {
            return IdxSource.open(files, labelled);
        }
    },
    CIFAR10 {
        @Override
        ImageSource open(SourceFiles files, boolean labelled) {
            return CifarSource.open(files, CifarSource.Variant.CIFAR10, labelled);
        }
    },
    CIFAR100 {
        @Override
        ImageSource open(SourceFiles files, boolean labelled) {
            return CifarSource.open(files, CifarSource.Variant.CIFAR100, labelled);
        }
    },
    TAR {
        @Override
        ImageSource open(SourceFiles files, boolean labelled) {
            return TarSource.open(files, labelled);
        }
    },
    LIST {
        @Override
        ImageSource open(SourceFiles files, boolean labelled) {
            return ListSource.open(files, labelled);
        }
    },
    PARQUET {
        @Override
        ImageSource open(SourceFiles files, boolean labelled) {
            return ParquetSource.open(files, labelled);
        }
    },
    SEQUENCEFILE {
        @Override
        ImageSource open(SourceFiles files, boolean labelled) {
            return SequenceFileSource.open(files, labelled);
        }
    },
    PREPARED {
        @Override
        ImageSource open(SourceFiles files, boolean labelled) {
            return PreparedSource.open(files, labelled);
        }
    };

    abstract ImageSource open(SourceFiles files, boolean labelled);

    static SourceFormat named(String name) {
        for (SourceFormat format : values()) {
            if (format.name().equalsIgnoreCase(name)) {
                return format;
            }
        }
        throw new InputException("Unknown image format '" + name + "'. Expected one of "
                + Arrays.stream(values())
                        .map(format -> format.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", "))
                + ".");
    }

    private static boolean isList(FileStatus file) {
        return Stream.of(".txt", ".tsv", ".lst").anyMatch(file.getPath().getName()::endsWith);
    }

    private static SourceFormat detect(SourceFiles files, boolean labelled) {
        if (PreparedSource.isPrepared(files)) {
            return PREPARED;
        }
        List<FileStatus> entries = files.entries();
        List<FileStatus> plain =
                entries.stream().filter(entry -> !entry.isDirectory()).toList();
        if (plain.stream()
                .anyMatch(file -> IdxSource.isImagesName(file.getPath().getName()))) {
            return IDX;
        }
        for (CifarSource.Variant variant : CifarSource.Variant.values()) {
            if (plain.stream().anyMatch(variant::owns)) {
                return variant == CifarSource.Variant.CIFAR10 ? CIFAR10 : CIFAR100;
            }
        }
        if (!files.isFolder() && plain.size() == 1 && IdxFile.isIdx(files, plain.get(0))) {
            return IDX;
        }
        if (plain.size() == entries.size() && TarSource.areArchives(plain)) {
            return TAR;
        }
        if (plain.size() == entries.size() && ParquetSource.areFiles(plain)) {
            return PARQUET;
        }
        if (plain.size() == entries.size()
                && !plain.isEmpty()
                && SequenceFileSource.isSequenceFile(files, plain.get(0))) {
            return SEQUENCEFILE;
        }
        if (!files.isFolder() && plain.size() == 1 && isList(plain.get(0))) {
            return LIST;
        }
        if (files.isFolder() && (plain.size() < entries.size() || !labelled && !plain.isEmpty())) {
            return FOLDER;
        }
        if (!files.isFolder() && !labelled) {
            return FOLDER;
        }
        throw new InputException("No image set was recognized in " + files.path() + ", which " + files.summary()
                + ". Expected a folder with one sub-folder of images for each class, IDX files named like"
                + " train-images-idx3-ubyte (gzip or not), CIFAR binary files named like data_batch_1.bin or train.bin, tar archives, Parquet files, SequenceFiles, a list named like train.txt, or a set that starling prepare has made."
                + " If the files are one of these under other names, set data.format.");
    }
}
