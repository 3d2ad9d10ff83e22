package dev.quern;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;

/** The rules of the core module that the compiler does not check. */
@AnalyzeClasses(packages = "dev.quern", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {
  @ArchTest
  static final ArchRule SHOULD_DEPEND_ON_NOTHING_BUT_JAVA_AND_JSPECIFY =
      classes()
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "dev.quern..", "java.lang..", "java.util..", "java.nio..", "org.jspecify..")
          .because("the core must stay small and load on any JDK");

  @ArchTest
  static final ArchRule SHOULD_KEEP_SPI_FREE_OF_INTERNALS =
      noClasses()
          .that()
          .resideInAPackage("dev.quern.spi..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.quern.internal..")
          .because("backends compile against spi alone");

  @ArchTest
  static final ArchRule SHOULD_KEEP_LAYERS_ON_THE_PUBLIC_API =
      noClasses()
          .that()
          .resideInAnyPackage("dev.quern.nn..", "dev.quern.optim..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.quern.internal..", "dev.quern.spi..")
          .because("what a layer can do, a user's own layer must be able to do");

  @ArchTest
  static final ArchRule SHOULD_NOT_PRINT =
      GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

  @ArchTest
  static final ArchRule SHOULD_LOG_THROUGH_SYSTEM_LOGGER =
      GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
}
