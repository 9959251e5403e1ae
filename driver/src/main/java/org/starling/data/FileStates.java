package org.starling.data;

import org.apache.hadoop.fs.FileStatus;

/** A number that changes when one of some files does: of their paths, lengths and times of modification, in their order. */
final class FileStates {
    private long hash;

    void add(FileStatus file) {
        hash = SeededHash.of(hash, SeededHash.Purpose.FILE_STATE, file.getPath().toString());
        hash = SeededHash.of(hash, SeededHash.Purpose.FILE_STATE, file.getLen(), file.getModificationTime());
    }

    /** In hexadecimal. */
    String value() {
        return Long.toHexString(hash);
    }
}
