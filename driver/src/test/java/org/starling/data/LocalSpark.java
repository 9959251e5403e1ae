package org.starling.data;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** One Spark context in local mode for all tests of this package; it ends with the JVM. */
final class LocalSpark {
    private static JavaSparkContext context;

    private LocalSpark() {}

    static synchronized JavaSparkContext context() {
        if (context == null || context.sc().isStopped()) {
            context = start("local[2]");
        }
        return context;
    }

    /** The same, with another master: there is one context at a time in a JVM. */
    static synchronized JavaSparkContext restart(String master) {
        if (context != null) {
            context.stop();
        }
        context = start(master);
        return context;
    }

    private static JavaSparkContext start(String master) {
        return new JavaSparkContext(new SparkConf()
                .setMaster(master)
                .setAppName("data tests")
                .set("spark.ui.enabled", "false")
                .set("spark.driver.host", "127.0.0.1")
                .set("spark.driver.bindAddress", "127.0.0.1"));
    }
}
