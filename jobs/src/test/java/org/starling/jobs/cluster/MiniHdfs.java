package org.starling.jobs.cluster;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.MiniDFSCluster;

/** HDFS on loopback, in this JVM: a NameNode and one DataNode. */
public final class MiniHdfs implements AutoCloseable {
    private final MiniDFSCluster cluster;

    /** @param folder for its blocks */
    public MiniHdfs(Path folder) throws IOException {
        Configuration configuration = new HdfsConfiguration();
        configuration.set(
                MiniDFSCluster.HDFS_MINIDFS_BASEDIR, folder.toAbsolutePath().toString());
        configuration.setInt("dfs.replication", 1);
        cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
        cluster.waitActive();
    }

    /** {@code hdfs://HOST:PORT}. */
    public String url() {
        return "hdfs://127.0.0.1:" + cluster.getNameNodePort();
    }

    /** Its FileSystem. */
    public FileSystem fileSystem() throws IOException {
        return cluster.getFileSystem();
    }

    @Override
    public void close() {
        cluster.shutdown();
    }
}
