package org.starling.checkpoint;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;

/** Local files, as a store has them that can neither rename nor append: {@code norename:///folder}. */
public final class NoRenameFileSystem extends RawLocalFileSystem {
    /** Makes the scheme known. */
    public static void register(Configuration configuration) {
        configuration.set("fs.norename.impl", NoRenameFileSystem.class.getName());
    }

    /** The same place in this file system. */
    public static Path path(java.nio.file.Path local) {
        return new Path("norename://" + local.toAbsolutePath());
    }

    @Override
    public URI getUri() {
        return URI.create("norename:///");
    }

    @Override
    public String getScheme() {
        return "norename";
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
        throw new IOException("this store cannot rename " + from);
    }

    @Override
    public FSDataOutputStream append(Path file, int buffer, Progressable progress) throws IOException {
        throw new IOException("this store cannot append to " + file);
    }
}
