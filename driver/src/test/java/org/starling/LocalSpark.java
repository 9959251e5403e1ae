package org.starling;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** The one Spark context of this JVM's tests, in local mode. Tests ask for it each time and never stop it. */
public final class LocalSpark {
    private static final String USUAL_MASTER = "local[2]";

    private static JavaSparkContext context;

    private LocalSpark() {}

    /** A context with two threads. */
    public static JavaSparkContext context() {
        return context(USUAL_MASTER);
    }

    /** A context with another master; it replaces the one before, whose RDDs are gone. */
    public static synchronized JavaSparkContext context(String master) {
        if (context != null && !context.master().equals(master)) {
            context.stop();
            context = null;
        }
        if (context == null || context.sc().isStopped()) {
            context = new JavaSparkContext(new SparkConf()
                    .setMaster(master)
                    .setAppName("tests")
                    .set("spark.ui.enabled", "false")
                    .set("spark.driver.host", "127.0.0.1")
                    .set("spark.driver.bindAddress", "127.0.0.1"));
        }
        return context;
    }
}
