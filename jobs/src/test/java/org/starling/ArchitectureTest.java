package org.starling;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Dependencies point one way: jobs, driver, worker-kernels; and inside the driver from training to what it is made of. */
@AnalyzeClasses(packages = "org.starling", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String JOBS = "org.starling.jobs..";
    private static final String[] KERNELS = {"org.starling.kernels..", "org.starling.layers.."};

    @ArchTest
    static final ArchRule nothingDependsOnJobs = noClasses()
            .that()
            .resideOutsideOfPackage(JOBS)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(JOBS);

    @ArchTest
    static final ArchRule kernelsKnowNeitherSparkNorTheDriver = noClasses()
            .that()
            .resideInAnyPackage(KERNELS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.apache.spark..",
                    "org.apache.hadoop..",
                    "scala..",
                    "org.starling.model..",
                    "org.starling.data..",
                    "org.starling.training..",
                    "org.starling.checkpoint..",
                    "org.starling.evaluation..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule modelAndDataKnowNothingOfTraining = noClasses()
            .that()
            .resideInAnyPackage("org.starling.model..", "org.starling.data..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.starling.training..", "org.starling.checkpoint..", "org.starling.evaluation..");

    @ArchTest
    static final ArchRule checkpointsAndEvaluationsKnowNothingOfTraining = noClasses()
            .that()
            .resideInAnyPackage("org.starling.checkpoint..", "org.starling.evaluation..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.starling.training..");

    @ArchTest
    static final ArchRule nothingInTheDriverKnowsOfDl4jSparksTraining = noClasses()
            .that()
            // The benchmark compares with it.
            .resideOutsideOfPackages("org.starling.dl4j..", "org.starling.jobs..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.starling.dl4j..", "org.deeplearning4j.spark..");

    @ArchTest
    static final ArchRule averagingKnowsNothingOfNetworks = noClasses()
            .that()
            .resideInAPackage("org.starling.averaging..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "org.deeplearning4j..", "org.starling.layers..", "org.starling.training..", "org.starling.dl4j..");

    @ArchTest
    static final ArchRule modelsNeedNoSpark = noClasses()
            .that()
            .resideInAPackage("org.starling.model..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.spark..", "scala..");

    @ArchTest
    static final ArchRule onlyItsStagesKnowSparkMl = noClasses()
            .that()
            .resideOutsideOfPackage("org.starling.ml..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.starling.ml..", "org.apache.spark.ml..", "org.apache.spark.mllib..");

    @ArchTest
    static final ArchRule packagesOfTheDriverHaveNoCycles =
            slices().matching("org.starling.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule sparksMetricsAreKnownInOnePlace = noClasses()
            .that()
            .resideInAPackage("org.starling..")
            .and()
            .haveNameNotMatching("org\\.starling\\.training\\.SparkMetrics(\\$.*)?")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.codahale..", "org.apache.spark.metrics..");

    @ArchTest
    static final ArchRule otherLibrariesOfSparkStayOutside = classes()
            .that()
            .resideInAPackage("org.starling..")
            .should()
            .onlyDependOnClassesThat(
                    resideOutsideOfPackages("com.google.common..", "org.apache.commons..", "io.netty..", "org.json4s..")
                            // A dependency of Starling's own, of Spark's version.
                            .or(resideInAPackage("org.apache.commons.compress..")));
}
