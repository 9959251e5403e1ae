package org.starling.data;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * An image that is a part of a file.
 *
 * @param name unique in its set
 * @param label its class
 * @param file fully qualified
 * @param offset where its bytes begin
 * @param length how many there are
 */
record ArchivedImage(String name, int label, String file, long offset, long length) implements StoredImage {
    @Override
    public ImageRecord read(String folder, Configuration configuration) {
        return new ImageBytes(offset, length).read(this, new Path(file), configuration);
    }
}
