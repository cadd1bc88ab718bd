package io.milena.arch;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.common.protocol.ApiKeys;

/** The layering of the architecture page, one sentence a rule. */
@AnalyzeClasses(packages = "io.milena", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String[] PURE = {
    "io.milena.base..",
    "io.milena.log..",
    "io.milena.replication..",
    "io.milena.metadata..",
    "io.milena.protocol..",
    "io.milena.quota..",
    "io.milena..model.."
  };

  @ArchTest
  static final ArchRule layersOnlyLookDown =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("app")
          .definedBy("io.milena.app..")
          .layer("listeners")
          .definedBy("io.milena.network..", "io.milena.web..", "io.milena.peer..")
          .layer("connection")
          .definedBy("io.milena.connection..")
          .layer("api")
          .definedBy("io.milena.api..")
          .layer("verticles")
          .definedBy(
              "io.milena.partition..",
              "io.milena.fetcher..",
              "io.milena.cleaner..",
              "io.milena.coordinator",
              "io.milena.group",
              "io.milena.transaction",
              "io.milena.share",
              "io.milena.controller",
              "io.milena.node")
          .layer("adapters")
          .definedBy(
              "io.milena.bus..", "io.milena.storage..", "io.milena.work..", "io.milena.zookeeper..")
          .layer("pure")
          .definedBy(
              "io.milena.log..",
              "io.milena.replication..",
              "io.milena.metadata..",
              "io.milena..model..")
          .layer("floor")
          .definedBy(
              "io.milena.protocol..",
              "io.milena.security..",
              "io.milena.quota..",
              "io.milena.config..",
              "io.milena.metrics..",
              "io.milena.base..")
          .whereLayer("app")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("listeners")
          .mayOnlyBeAccessedByLayers("app")
          .whereLayer("connection")
          .mayOnlyBeAccessedByLayers("app", "listeners")
          .whereLayer("api")
          .mayOnlyBeAccessedByLayers("app", "listeners", "connection")
          .whereLayer("verticles")
          .mayOnlyBeAccessedByLayers("app", "api")
          .whereLayer("adapters")
          .mayOnlyBeAccessedByLayers("app", "listeners", "connection", "api", "verticles")
          .whereLayer("pure")
          .mayOnlyBeAccessedByLayers(
              "app", "listeners", "connection", "api", "verticles", "adapters");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      SlicesRuleDefinition.slices().matching("io.milena.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule thePartsOfTheProgramOnlyLookDown =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("main")
          .definedBy("io.milena.app")
          .layer("cli")
          .definedBy("io.milena.app.cli..")
          .layer("assembly")
          .definedBy("io.milena.app.assembly..")
          .layer("meters")
          .definedBy("io.milena.app.meters..")
          .whereLayer("main")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("cli")
          .mayOnlyBeAccessedByLayers("main")
          .whereLayer("assembly")
          .mayOnlyBeAccessedByLayers("main", "cli")
          .whereLayer("meters")
          .mayOnlyBeAccessedByLayers("assembly");

  @ArchTest
  static final ArchRule theCommandLineLibraryStaysInItsPackage =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.milena.app.cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..");

  @ArchTest
  static final ArchRule thePartsOfALogReadBatchesAndAbortedTransactionsOnly =
      SlicesRuleDefinition.slices()
          .matching("io.milena.log.(*)..")
          .should()
          .notDependOnEachOther()
          .ignoreDependency(
              resideInAnyPackage("io.milena.log.producer..", "io.milena.log.compaction.."),
              resideInAPackage("io.milena.log.batch.."))
          .ignoreDependency(
              resideInAPackage("io.milena.log.compaction.."),
              resideInAPackage("io.milena.log.producer.."));

  @ArchTest
  static final ArchRule whatThePartsOfALogShareKnowsNoneOfThem =
      noClasses()
          .that()
          .resideInAPackage("io.milena.log")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.milena.log.*..");

  @ArchTest
  static final ArchRule belowTheGroupMachineEveryPackageIsFreeOfCycles =
      SlicesRuleDefinition.slices()
          .matching("io.milena.group.model.(**)")
          .should()
          .beFreeOfCycles();

  @ArchTest
  static final ArchRule thePartsOfTheGroupMachineMeetInItOnly =
      SlicesRuleDefinition.slices()
          .matching("io.milena.group.model.(*)..")
          .should()
          .notDependOnEachOther()
          .ignoreDependency(
              resideInAPackage("io.milena.group.model.consumer.."),
              resideInAPackage("io.milena.group.model.assignor.."));

  @ArchTest
  static final ArchRule noPartOfTheGroupMachineKnowsIt =
      noClasses()
          .that()
          .resideInAPackage("io.milena.group.model.*..")
          .should()
          .dependOnClassesThat()
          .haveNameMatching("io\\.milena\\.group\\.model\\.(GroupMachine|ClassicBridge).*");

  @ArchTest
  static final ArchRule thePartsOfStorageKnowOnlyWhatIsBelowThem =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("log")
          .definedBy("io.milena.storage")
          .layer("recovery")
          .definedBy("io.milena.storage.recovery..")
          .layer("compaction")
          .definedBy("io.milena.storage.compaction..")
          .layer("directory")
          .definedBy("io.milena.storage.directory..")
          .layer("segment")
          .definedBy("io.milena.storage.segment..")
          .layer("file")
          .definedBy("io.milena.storage.file..")
          .whereLayer("log")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("recovery")
          .mayOnlyBeAccessedByLayers("log")
          .whereLayer("compaction")
          .mayOnlyBeAccessedByLayers("log")
          .whereLayer("directory")
          .mayOnlyBeAccessedByLayers("log")
          .whereLayer("segment")
          .mayOnlyBeAccessedByLayers("log", "recovery", "compaction");

  @ArchTest
  static final ArchRule ofThePartsOfStorageOthersSeeTheDoorsOnly =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.milena.storage..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.milena.storage.*..")
                  .and(DescribedPredicate.not(doorsOfStorage())));

  @ArchTest
  static final ArchRule thePurePartsKnowNoWorld =
      noClasses()
          .that()
          .resideInAnyPackage(PURE)
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                      "io.vertx..",
                      "io.netty..",
                      "io.reactivex..",
                      "org.apache.curator..",
                      "org.apache.zookeeper..",
                      "java.nio.file..",
                      "java.util.concurrent.locks..")
                  .or(threadOrExecutor()))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule onlyTheBaseTouchesClockRandomnessAndExit =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.milena.base..")
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "exit", int.class)
          .orShould()
          .callMethod(Math.class, "random")
          .orShould()
          .callMethod(Thread.class, "sleep", long.class)
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.Random");

  @ArchTest
  static final ArchRule rxJavaLivesWhereStreamsLiveLong =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.milena.web..", "io.milena.zookeeper..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.reactivex..", "io.vertx.rxjava3..");

  @ArchTest
  static final ArchRule zooKeeperIsSpokenInItsPackageAndTheBusOnly =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.milena.zookeeper..", "io.milena.bus..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.curator..", "org.apache.zookeeper..");

  @ArchTest
  static final ArchRule theSessionKnowsNothingOfWhatIsKeptInZooKeeper =
      noClasses()
          .that()
          .resideInAPackage("io.milena.zookeeper.client..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "io.milena.zookeeper",
              "io.milena.zookeeper.layout..",
              "io.milena.zookeeper.embedded..");

  @ArchTest
  static final ArchRule theLayoutOfZooKeeperIsPure =
      classes()
          .that()
          .resideInAPackage("io.milena.zookeeper.layout..")
          .should()
          .onlyDependOnClassesThat(
              resideInAnyPackage(
                      "java.lang..",
                      "java.net",
                      "java.nio.charset",
                      "java.util",
                      "java.util.function",
                      "com.fasterxml.jackson..",
                      "org.apache.kafka.common",
                      "io.milena.metadata..",
                      "io.milena.zookeeper.layout..")
                  .or(nameMatching("io\\.milena\\.zookeeper\\.client\\.ZkException.*"))
                  .or(nameMatching("org\\.apache\\.zookeeper\\.common\\.PathUtils"))
                  .or(nameMatching("java\\.io\\.IOException")));

  @ArchTest
  static final ArchRule theServerOfZooKeeperStandsAlone =
      noClasses()
          .that()
          .resideInAPackage("io.milena.zookeeper.embedded..")
          .should()
          .dependOnClassesThat(
              resideInAPackage("io.milena..")
                  .and(DescribedPredicate.not(resideInAPackage("io.milena.zookeeper.embedded.."))));

  @ArchTest
  static final ArchRule zooKeepersServerIsUsedByTheEmbeddedOneOnly =
      noClasses()
          .that()
          .resideOutsideOfPackage("io.milena.zookeeper.embedded..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.zookeeper.server..");

  @ArchTest
  static final ArchRule verticlesAreReachedThroughTheirDoorsOnly =
      classes()
          .that()
          .resideInAnyPackage(
              "io.milena.partition",
              "io.milena.partition.shard",
              "io.milena.fetcher",
              "io.milena.cleaner",
              "io.milena.group",
              "io.milena.transaction",
              "io.milena.share",
              "io.milena.controller",
              "io.milena.node")
          .and()
          .areTopLevelClasses()
          .and()
          .arePublic()
          .should()
          .haveNameMatching(".*(Client|Messages|Verticle|Options|package-info)");

  @ArchTest
  static final ArchRule theShardsOfPartitionsAreDeployedAndElseUnknown =
      noClasses()
          .that()
          .resideOutsideOfPackages("io.milena.partition.shard..", "io.milena.app..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.milena.partition.shard..");

  @ArchTest
  static final ArchRule verticlesShareNoState =
      noMethods()
          .that()
          .areDeclaredInClassesThat()
          .resideInAnyPackage(
              "io.milena.partition..",
              "io.milena.fetcher..",
              "io.milena.controller..",
              "io.milena.node..",
              "io.milena.network..",
              "io.milena.connection..",
              "io.milena.api..")
          .should()
          .haveModifier(JavaModifier.SYNCHRONIZED);

  @ArchTest
  static final ArchRule blockingWorkHasItsPlaces =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.milena.storage..",
              "io.milena.cleaner..",
              "io.milena.zookeeper..",
              "io.milena.bus..",
              "io.milena.app..",
              "io.milena.network..",
              "io.milena.web..",
              "io.milena.api..")
          .should(callAMethodNamed("executeBlocking"))
          .because("what may block runs on the named executors of these packages");

  @ArchTest
  static final ArchRule theWorkerPoolIsLeftToTheFiles =
      noClasses()
          .should()
          .callMethod(
              io.vertx.core.Vertx.class, "executeBlocking", java.util.concurrent.Callable.class)
          .because(
              "the shared worker pool writes log files; other blocking work has named executors");

  @ArchTest
  static final ArchRule eachApiClassIsNamedAfterItsKafkaApi =
      classes()
          .that()
          .resideInAPackage("io.milena.api")
          .and()
          .haveSimpleNameEndingWith("Api")
          .and()
          .arePublic()
          .should(beNamedAfterAnApi());

  @ArchTest
  static final ArchRule kafkasUnstableRecordClassesStayInFewPlaces =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "io.milena.protocol..",
              "io.milena.log..",
              "io.milena.storage..",
              "io.milena.api..",
              "io.milena.fetcher..",
              "io.milena.cleaner..",
              "io.milena.coordinator..",
              "io.milena.connection..",
              "io.milena.network..")
          .should()
          .dependOnClassesThat(resideInAPackage("org.apache.kafka.common.record.internal.."));

  @ArchTest
  static final ArchRule ofKafkasCoordinatorsOnlyTheRecordClassesAreUsed =
      noClasses()
          .should()
          .dependOnClassesThat(
              resideInAPackage("org.apache.kafka.coordinator..")
                  .and(
                      DescribedPredicate.not(
                          resideInAPackage("org.apache.kafka.coordinator.group.generated.."))));

  private static DescribedPredicate<JavaClass> doorsOfStorage() {
    Set<String> doors =
        Set.of(
            "file.NoRoom",
            "file.StorageException",
            "directory.LogDirectories",
            "directory.LogDirectory",
            "directory.StorageOptions",
            "segment.FileSlice",
            "segment.TimestampedOffset",
            "compaction.CleanableSegment",
            "compaction.CleanedSegment",
            "compaction.CleaningSource",
            "compaction.SegmentBatches");
    return DescribedPredicate.describe(
        "doors of storage",
        javaClass -> {
          String name = javaClass.getFullName().replace("io.milena.storage.", "");
          return doors.contains(name.replaceFirst("\\$.*", ""));
        });
  }

  private static DescribedPredicate<JavaClass> threadOrExecutor() {
    Set<String> names =
        Set.of(
            "java.lang.Thread",
            "java.util.concurrent.Executor",
            "java.util.concurrent.ExecutorService",
            "java.util.concurrent.Executors");
    return DescribedPredicate.describe(
        "threads and executors", javaClass -> names.contains(javaClass.getFullName()));
  }

  private static ArchCondition<JavaClass> callAMethodNamed(String name) {
    return new ArchCondition<>("call a method named " + name) {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        item.getMethodCallsFromSelf().stream()
            .filter(call -> call.getName().equals(name))
            .forEach(
                call -> events.add(SimpleConditionEvent.satisfied(call, call.getDescription())));
      }
    };
  }

  private static ArchCondition<JavaClass> beNamedAfterAnApi() {
    Set<String> names =
        Arrays.stream(ApiKeys.values()).map(key -> key.name + "Api").collect(Collectors.toSet());
    return new ArchCondition<>("be named after a constant of ApiKeys") {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        if (!names.contains(item.getSimpleName())) {
          events.add(SimpleConditionEvent.violated(item, item.getName() + " names no Kafka API"));
        }
      }
    };
  }
}
