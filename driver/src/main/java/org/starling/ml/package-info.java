/**
 * Image classifiers as stages of Spark ML's pipelines: an estimator that trains, and the model that it makes. The only package that needs Spark's MLlib, which
 * Spark installations have. May depend on all other packages of the driver but {@code org.starling.dl4j}; none depends on it.
 */
package org.starling.ml;
