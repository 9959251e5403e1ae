package org.starling.jobs.launch;

import org.starling.InputException;

/**
 * The versions of Java, Spark and Scala that Starling runs on. The build refuses others; this refuses a cluster or a machine
 * that has others.
 */
public final class SupportedVersions {
    private SupportedVersions() {}

    /** Refuses the versions that this JVM runs with, before anything fails in a stranger way. */
    public static void check() {
        check(Runtime.version().feature(), sparkVersion(), scala.util.Properties.versionNumberString());
    }

    /** Spark's version, read without starting Spark. */
    private static String sparkVersion() {
        return org.apache.spark.package$.MODULE$.SPARK_VERSION();
    }

    static void check(int java, String spark, String scala) {
        if (java != 17) {
            throw new InputException("This is Java " + java + " at " + System.getProperty("java.home")
                    + ", and Starling runs on Java 17 only: Spark 3.5 does not run on 24 and later, and the kernels are"
                    + " compiled for 17's jdk.incubator.vector, which later releases changed. Set JAVA_HOME to a Java 17,"
                    + " on every machine of the cluster.");
        }
        if (!scala.startsWith("2.12.")) {
            throw new InputException(
                    "This is Spark " + spark + " with Scala " + scala + ", and Starling runs on Scala 2.12"
                            + " only: DL4J's Spark module exists for no other. Use the distribution of Spark 3.5 that is built with"
                            + " Scala 2.12.");
        }
        if (!spark.startsWith("3.5.")) {
            throw new InputException(
                    "This is Spark " + spark + ", and Starling runs on Spark 3.5 only: it is the last line"
                            + " with Scala 2.12, which DL4J's Spark module needs (Spark 4 exists for Scala 2.13 only).");
        }
    }
}
