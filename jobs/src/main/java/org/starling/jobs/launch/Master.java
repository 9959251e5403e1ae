package org.starling.jobs.launch;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.starling.InputException;

/**
 * Where a job runs, as Spark's master URL says it.
 *
 * @param url the URL
 * @param kind what it means for the launcher
 * @param cores cores of the JVM (local), of a worker (local-cluster), else 0
 * @param workerMegabytes memory of a worker of a local-cluster, else 0
 */
record Master(String url, Kind kind, int cores, long workerMegabytes) {
    enum Kind {
        /** One JVM is driver and executor. */
        LOCAL,
        /** Spark starts workers and executors on this machine. */
        LOCAL_CLUSTER,
        /** A standalone cluster. */
        STANDALONE,
        /** YARN or Kubernetes, whose classes come with an installed Spark only. */
        INSTALLED
    }

    private static final Pattern LOCAL = Pattern.compile("local(?:\\[(\\*|[1-9]\\d*)(?:,\\s*\\d+)?\\])?");
    private static final Pattern LOCAL_CLUSTER =
            Pattern.compile("local-cluster\\[\\s*([1-9]\\d*)\\s*,\\s*([1-9]\\d*)\\s*,\\s*([1-9]\\d*)\\s*\\]");

    static Master parse(String url) {
        Matcher local = LOCAL.matcher(url);
        if (local.matches()) {
            String cores = local.group(1);
            int count = cores == null
                    ? 1
                    : cores.equals("*") ? Runtime.getRuntime().availableProcessors() : Integer.parseInt(cores);
            return new Master(url, Kind.LOCAL, count, 0);
        }
        Matcher localCluster = LOCAL_CLUSTER.matcher(url);
        if (localCluster.matches()) {
            return new Master(
                    url,
                    Kind.LOCAL_CLUSTER,
                    Integer.parseInt(localCluster.group(2)),
                    Long.parseLong(localCluster.group(3)));
        }
        if (url.startsWith("spark://")) {
            return new Master(url, Kind.STANDALONE, 0, 0);
        }
        if (url.equals("yarn") || url.startsWith("k8s://")) {
            return new Master(url, Kind.INSTALLED, 0, 0);
        }
        throw new InputException(
                "--master " + url + " is not a place where jobs run: expected local[*] or local[N] (this"
                        + " machine), local-cluster[WORKERS,CORES,MEGABYTES], spark://HOST:PORT, yarn or k8s://URL.");
    }
}
