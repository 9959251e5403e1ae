package org.starling.jobs.run;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;

/** Local files under the scheme {@code noappend:}, as an object store would hold them: no append, no rename over a file. */
public final class NoAppendFileSystem extends RawLocalFileSystem {
    static Configuration configuration() {
        Configuration configuration = new Configuration();
        configuration.setClass("fs.noappend.impl", NoAppendFileSystem.class, org.apache.hadoop.fs.FileSystem.class);
        return configuration;
    }

    @Override
    public String getScheme() {
        return "noappend";
    }

    @Override
    public URI getUri() {
        return URI.create("noappend:///");
    }

    @Override
    public FSDataOutputStream append(Path file, int bufferSize, Progressable progress) throws IOException {
        throw new UnsupportedOperationException("append");
    }

    @Override
    public boolean rename(Path source, Path target) throws IOException {
        return !exists(target) && super.rename(source, target);
    }
}
