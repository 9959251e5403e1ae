package org.starling.data;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/**
 * An image that is a file.
 *
 * @param name its path below the set's folder
 * @param label its class
 */
record ImageFile(String name, int label) implements StoredImage {
    @Override
    public ImageRecord read(String folder, Configuration configuration) {
        return ImageBytes.WHOLE.read(this, new Path(folder, new Path(null, null, name)), configuration);
    }
}
