package dev.jbuild;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/// The arrows of docs/architecture.md, and the house rules that a machine can hold.
class ArchitectureTest {

  /// What each package may use besides `failure`.
  private static final Map<String, Set<String>> MAY_USE =
      Map.ofEntries(
          entry(
              "cli",
              Set.of(
                  "archive",
                  "build",
                  "console",
                  "context",
                  "dockerfile",
                  "http",
                  "image",
                  "layer",
                  "linux",
                  "plan",
                  "registry",
                  "sandbox",
                  "serve",
                  "store",
                  "tar")),
          entry(
              "build",
              Set.of(
                  "console",
                  "context",
                  "dockerfile",
                  "http",
                  "image",
                  "layer",
                  "linux",
                  "plan",
                  "registry",
                  "sandbox",
                  "store",
                  "tar")),
          entry("plan", Set.of("dockerfile", "image")),
          entry("dockerfile", Set.of()),
          entry("context", Set.of("tar", "linux", "image", "http")),
          entry("sandbox", Set.of("linux")),
          entry("layer", Set.of("tar", "linux", "image", "store")),
          entry("archive", Set.of("layer", "store", "image", "tar", "linux")),
          entry("serve", Set.of("store", "image")),
          entry("registry", Set.of("store", "image", "tar", "http")),
          entry("store", Set.of("image", "linux")),
          entry("http", Set.of()),
          entry("network", Set.of("http")),
          entry("tar", Set.of()),
          entry("image", Set.of("linux")),
          entry("console", Set.of()),
          entry("linux", Set.of()),
          entry("failure", Set.of()));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.jbuild");

  @Test
  void everyPackageIsInTheTable() {
    var packages =
        CLASSES.stream()
            .map(each -> each.getPackageName().substring("dev.jbuild.".length()))
            .collect(Collectors.toCollection(TreeSet::new));
    assertEquals(new TreeSet<>(MAY_USE.keySet()), packages);
  }

  @Test
  void packagesUseOnlyWhatTheTableAllows() {
    MAY_USE.forEach(
        (name, allowed) -> {
          var packages = new TreeSet<String>();
          allowed.forEach(each -> packages.add("dev.jbuild." + each + ".."));
          packages.add("dev.jbuild." + name + "..");
          packages.add("dev.jbuild.failure..");
          classes()
              .that()
              .resideInAPackage("dev.jbuild." + name + "..")
              .should()
              .onlyDependOnClassesThat(
                  JavaClass.Predicates.resideOutsideOfPackage("dev.jbuild..")
                      .or(JavaClass.Predicates.resideInAnyPackage(packages.toArray(String[]::new))))
              .check(CLASSES);
        });
  }

  /// Classes of Java's boot class path see neither the others nor all modules of the JDK.
  @Test
  void onlyTheNetworkNeedsMoreThanJavasBootClassPath() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.jbuild.network..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.jbuild.network..",
            "java.net.http..",
            "com.sun.net.httpserver..",
            "java.sql..",
            "javax.xml.crypto..",
            "jdk.nio.zipfs..")
        .check(CLASSES);
  }

  @Test
  void packagesAreFreeOfCycles() {
    slices().matching("dev.jbuild.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void everyPackageIsNullMarked() {
    for (var each : CLASSES) {
      assertTrue(each.getPackage().isAnnotatedWith(NullMarked.class), each.getPackageName());
    }
  }

  @Test
  void namesAreDomainNouns() {
    noClasses()
        .should()
        .haveNameMatching(
            ".*\\.(Abstract|Base)[A-Z]\\w*|.*(Impl|Manager|Helper|Util|Utils|Handler|Data|Info)")
        .check(CLASSES);
  }

  @Test
  void classesAreFinalOrSealed() {
    for (var each : CLASSES) {
      boolean open =
          !each.getModifiers().contains(JavaModifier.FINAL)
              && !each.isInterface()
              && !each.isEnum()
              && !each.reflect().isSealed()
              && !each.isAnonymousClass()
              && !each.getName().endsWith("package-info");
      assertTrue(!open || each.getEnclosingClass().isPresent(), each.getName() + " is open");
    }
  }

  @Test
  void onlyConsoleAndCliTouchTheStandardStreams() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.jbuild.cli..", "dev.jbuild.console..")
        .should()
        .accessField(System.class, "out")
        .orShould()
        .accessField(System.class, "err")
        .orShould()
        .callMethod(Throwable.class, "printStackTrace")
        .check(CLASSES);
  }

  @Test
  void onlyLinuxCallsNativeCode() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.jbuild.linux..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.lang.foreign..")
        .check(CLASSES);
  }
}
