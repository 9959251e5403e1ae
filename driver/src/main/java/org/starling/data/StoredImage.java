package org.starling.data;

import java.io.Serializable;
import org.apache.hadoop.conf.Configuration;

/** An image of which it is known where its bytes are. */
interface StoredImage extends NamedImage, Serializable {
    /**
     * Reads it.
     *
     * @param folder of the set, to which names are relative
     * @return a record that says why, where the file cannot be read: it is one bad image, not the end of the job
     * @throws org.starling.InputException when the storage fails
     */
    ImageRecord read(String folder, Configuration configuration);
}
