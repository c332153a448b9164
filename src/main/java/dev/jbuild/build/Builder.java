package dev.jbuild.build;

import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.Progress;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.CacheManifest;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.plan.ConfigStep;
import dev.jbuild.plan.CopyStep;
import dev.jbuild.plan.ImageRequest;
import dev.jbuild.plan.Plan;
import dev.jbuild.plan.RunStep;
import dev.jbuild.plan.Stage;
import dev.jbuild.plan.Step;
import dev.jbuild.plan.WorkdirStep;
import dev.jbuild.registry.Puller;
import dev.jbuild.registry.Registries;
import dev.jbuild.registry.RegistryFetcher;
import dev.jbuild.store.BlobFetcher;
import dev.jbuild.store.RemoteBlob;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;

/// Builds an image: plans, runs the stages side by side, assembles what they made.
///
/// Layers that were made stay in the store, with the records by which they are found again, also
/// when a later step fails.
public final class Builder {

  /// An annotation of the image-spec (annotations.md).
  private static final String CREATED = "org.opencontainers.image.created";

  /// The agent by which ADD fetches a git repository.
  private static final String GIT_AGENT = "default";

  private final Store store;
  private final Images images;
  private final Remotes remotes;
  private final Registries registries;
  private final InstantSource clock;

  /// @param registries asked for images that the store does not have
  public Builder(Store store, Remotes remotes, Registries registries, InstantSource clock) {
    this.store = store;
    this.images = new Images(store);
    this.remotes = remotes;
    this.registries = registries;
    this.clock = clock;
  }

  /// Builds.
  ///
  /// @throws BuildFailure for whatever a person has to mend
  /// @throws InterruptedException if the thread was interrupted; steps that ran are killed
  public BuildResult build(BuildRequest request, Progress progress)
      throws IOException, InterruptedException {
    return build(request, progress, Rescuer.NONE);
  }

  /// The same.
  ///
  /// @param rescuer asked when a RUN fails
  public BuildResult build(BuildRequest request, Progress progress, Rescuer rescuer)
      throws IOException, InterruptedException {
    try (var agents = new OpenAgents(request.steps().agents())) {
      return build(request, progress, rescuer, agents);
    }
  }

  private BuildResult build(
      BuildRequest request, Progress progress, Rescuer rescuer, OpenAgents agents)
      throws IOException, InterruptedException {
    BlobFetcher fetcher =
        request.pull() == PullPolicy.NEVER
            ? Builder::refuse
            : new RegistryFetcher(store, registries, new TransferSteps("pull", progress));
    try (var _ = store.remote().connect(fetcher)) {
      return connected(request, progress, rescuer, agents);
    }
  }

  private BuildResult connected(
      BuildRequest request, Progress progress, Rescuer rescuer, OpenAgents agents)
      throws IOException, InterruptedException {
    var resolved = new LinkedHashMap<ImageRequest, ResolvedImage>();
    var bases = new Bases(store, registries, request, progress);
    var sources = remotes.with(() -> agents.socket(GIT_AGENT));
    var epoch = new Epoch(store, sources, request.times());
    var plans = PlatformPlans.of(request, bases, epoch, resolved);
    Findings.tell(plans, progress);
    warnOfUnknownStages(request, plans, progress);
    plans.forEach(plan -> plan.stages().forEach(stage -> stage.steps().forEach(Builder::check)));
    var shared =
        SharedCaches.open(
            store,
            new CacheReader(
                store, new Puller(store, registries, new TransferSteps("cache", progress))),
            request.noCache() ? List.of() : request.caches(),
            plans.stream().map(Plan::platform).distinct().toList(),
            progress);
    var job = new Job(request, plans, resolved, sources, agents, shared, progress, rescuer);
    while (true) {
      try {
        return attempt(job);
      } catch (BuildFailure | IOException e) {
        var why = shared.blame(e);
        if (why.isEmpty()) {
          throw e;
        }
        progress.on(new BuildEvent.Warning(why.get()));
      }
    }
  }

  private static void refuse(List<RemoteBlob> blobs) {
    throw BuildFailure.of(
            BuildFailure.Kind.STORE,
            "the layer "
                + blobs.getFirst().digest()
                + " is not in the store but in "
                + blobs.getFirst().places()
                + ", and --pull=never asks no registry")
        .hint("bring the whole image before, with jbuild pull");
  }

  /// A build of which all is known but what its steps make.
  private record Job(
      BuildRequest request,
      List<Plan> plans,
      Map<ImageRequest, ResolvedImage> images,
      Remotes sources,
      OpenAgents agents,
      SharedCaches shared,
      Progress progress,
      Rescuer rescuer) {}

  private BuildResult attempt(Job job) throws IOException, InterruptedException {
    var request = job.request;
    try (var equipment =
            new Equipment(
                store,
                new LayerReader(
                    store,
                    job.shared.before(
                        new IndexesOfImages(
                            registries,
                            job.images,
                            request.images().keySet(),
                            request.pull() != PullPolicy.NEVER))),
                request.context(),
                request.contexts(),
                job.images,
                job.sources,
                job.agents,
                new RunLayer.Surroundings(job.plans.getFirst().hostname(), request.steps()),
                job.rescuer);
        var resultLayers = new ResultLayers(store, request.leavesLayers())) {
      var shops = shops(job, equipment);
      for (var shop : shops) {
        StepNeeds.check(shop);
        ForeignSteps.check(shop);
        ContextNeeds.check(shop);
      }
      resultLayers.begin(shops);
      boolean finished = false;
      try {
        runStages(request, shops, job.progress);
        finished = true;
      } catch (BuildFailure e) {
        var refuted = equipment.layers().refuted();
        if (refuted.isPresent()) {
          throw refuted.get(); // which may be why it failed, and would again
        }
        throw keepFailedStep(equipment, e, job.progress);
      } finally {
        if (!finished) {
          save(shops, false);
        }
      }
      return finish(job, shops, resultLayers, equipment);
    }
  }

  private static List<BuildRecord> save(List<Workshop> shops, boolean finished) throws IOException {
    var records = new ArrayList<BuildRecord>();
    for (var shop : shops) {
      records.add(shop.save(finished));
    }
    return List.copyOf(records);
  }

  /// All steps were reached. What the next build has to know of this one has nothing to do with the
  /// image, and is written beside it.
  private BuildResult finish(
      Job job, List<Workshop> shops, ResultLayers resultLayers, Equipment equipment)
      throws IOException, InterruptedException {
    var records = Later.beside("records", () -> saveAll(job.request, shops));
    try {
      if (!job.request.leavesLayers()) {
        for (var shop : shops) {
          job.shared.verify(shop.state(shop.plan().target().index()).diffIds(), equipment.layers());
        }
      }
      for (var shop : shops) {
        new KeptSteps(store).forget(shop.notes().build());
      }
      return assemble(job, shops, resultLayers, equipment.tally(), records);
    } finally {
      records.await();
    }
  }

  private static List<BuildRecord> saveAll(BuildRequest request, List<Workshop> shops)
      throws IOException {
    var records = save(shops, true);
    try {
      request.context().save();
      for (var tree : request.contexts().values()) {
        tree.save();
      }
    } catch (IOException e) {
      return records; // who opened the context saves it again, and hears why it failed
    }
    return records;
  }

  /// All steps are gone now. That a step cannot be kept does not hide why it failed.
  private BuildFailure keepFailedStep(Equipment equipment, BuildFailure failure, Progress progress)
      throws InterruptedException {
    var step = equipment.failed().stream().filter(each -> each.isToldBy(failure)).findFirst();
    if (step.isEmpty()) {
      return failure;
    }
    try {
      return new KeptSteps(store)
          .keep(step.get(), failure, text -> progress.on(new BuildEvent.Warning(text)));
    } catch (IOException e) {
      progress.on(
          new BuildEvent.Warning("the failed step cannot be kept: " + store.explain(e).message()));
      return failure;
    }
  }

  private static void warnOfUnknownStages(
      BuildRequest request, List<Plan> plans, Progress progress) {
    if (request.noCacheStages().isEmpty()) {
      return;
    }
    var built =
        plans.stream()
            .flatMap(plan -> plan.stages().stream())
            .flatMap(stage -> stage.name().stream())
            .collect(Collectors.toSet());
    request.noCacheStages().stream()
        .filter(name -> !built.contains(name))
        .sorted()
        .forEach(
            name ->
                progress.on(
                    new BuildEvent.Warning(
                        "--no-cache-filter: no stage that is built is called "
                            + Printable.of(name))));
  }

  private List<Workshop> shops(Job job, Equipment equipment) throws IOException {
    var request = job.request;
    var cache = new StepCache(store, job.shared, request.noCache());
    boolean several = job.plans.size() > 1;
    var shops = new ArrayList<Workshop>();
    for (var plan : job.plans) {
      var lastBuild = new LastBuild(store, what(request, plan), job.shared);
      var ofPlatform = cache.forAnotherPlatform();
      shops.add(
          new Workshop(
              equipment,
              plan,
              ofPlatform,
              request.noCacheStages(),
              shops.size(),
              several,
              lastBuild));
    }
    return shops;
  }

  /// What cannot be done, or was not given, is told before the first step, not after an hour of
  /// good ones.
  private static void check(Step step) {
    switch (step) {
      case CopyStep copy -> CopyInputs.check(copy);
      case RunStep _,
          ConfigStep _,
          WorkdirStep _ -> {} // StepNeeds, when it is known what is cached
    }
  }

  private static BuildRecord.What what(BuildRequest request, Plan plan) {
    return new BuildRecord.What(
        request.plan().dockerfile().source().name(),
        request.contextName(),
        plan.target().displayName(),
        plan.platform().toString());
  }

  private void runStages(BuildRequest request, List<Workshop> shops, Progress progress)
      throws IOException, InterruptedException {
    var jobs = new Semaphore(request.jobs());
    shops.forEach(Workshop::beginImages);
    var first = shops.getFirst();
    if (shops.size() == 1 && first.plan().stages().size() == 1) {
      var only = first.plan().stages().getFirst();
      first.finish(only.index(), runStage(request, only, first, progress, jobs));
      return; // to start threads takes a twentieth of the smallest build
    }
    try (var schedule =
        new StageSchedule((shop, stage) -> runStage(request, stage, shop, progress, jobs))) {
      shops.forEach(schedule::add);
      schedule.await();
    }
  }

  private StageState runStage(
      BuildRequest request, Stage stage, Workshop shop, Progress progress, Semaphore jobs)
      throws IOException, InterruptedException {
    var start = StageStart.of(stage, shop, progress);
    var times = times(request, shop.plan(), stage);
    try {
      return new StageRunner(stage, start, times, shop, progress, jobs, request.jobs() == 1).run();
    } catch (BuildFailure e) {
      throw shop.told(e, stage);
    }
  }

  /// SOURCE_DATE_EPOCH; else, for `--reproducible`, the time of the image that the stage begins
  /// with.
  private Times times(BuildRequest request, Plan plan, Stage stage) {
    if (plan.clamp().isEmpty() && request.reproducible()) {
      var created = stage.start().created();
      return new Times(
          clock, OptionalLong.of(created == null ? Times.EARLIEST : created.getEpochSecond()));
    }
    return new Times(clock, plan.clamp());
  }

  /// Told in a layout's index.json when the image was made, if that is a fixed time.
  private Descriptor dated(Descriptor image, BuildRequest request, Plan plan) {
    var clamp = times(request, plan, plan.target()).clamp();
    if (clamp.isEmpty()) {
      return image;
    }
    var annotations = new TreeMap<>(image.annotations());
    annotations.putIfAbsent(CREATED, Instant.ofEpochSecond(clamp.getAsLong()).toString());
    return image.withAnnotations(annotations);
  }

  private BuildResult assemble(
      Job job,
      List<Workshop> shops,
      ResultLayers resultLayers,
      Tally tally,
      Later<List<BuildRecord>> records)
      throws IOException, InterruptedException {
    var request = job.request;
    var built = new ArrayList<BuiltImage>();
    var layers = new TreeMap<Digest, Long>();
    for (var shop : shops) {
      var plan = shop.plan();
      var target = plan.target();
      var state = shop.state(target.index());
      var dated = times(request, plan, target).date(plan.image(), state, target.start());
      var config = request.squash() ? new Squash(store, tally).of(plan, dated) : dated;
      var named = images.layers(config.diffIds(), ResultLayers.below(shop));
      for (int i = 0; i < named.size(); i++) {
        layers.put(config.diffIds().get(i), named.get(i).size());
      }
      var annotations = new TreeMap<String, String>();
      if (request.inlineCache()) {
        new CacheExport(store)
            .inline(records.get().get(shop.number()))
            .ifPresent(text -> annotations.put(CacheManifest.INLINE, text));
      }
      built.add(new BuiltImage(plan.platform(), config, named, annotations));
    }
    resultLayers.bring(built);
    var image =
        dated(
            new Assembly(store).assemble(built, request.index(), request.annotations()),
            request,
            shops.getFirst().plan());
    store.trees().awaitSealing(); // what was made of a tree that is lost gets no name
    images.name(image, request.tags());
    var made = new TreeMap<>(tally.newLayers());
    made.keySet().retainAll(layers.keySet());
    boolean one = built.size() == 1;
    return new BuildResult(
        image,
        built,
        one ? built.getFirst().config().diffIds().size() : layers.size(),
        one ? built.getFirst().size() : layers.values().stream().mapToLong(Long::longValue).sum(),
        made.size(),
        made.values().stream().mapToLong(Long::longValue).sum(),
        tally.steps(),
        tally.cachedSteps(),
        records.get(),
        job.shared.unread(),
        tally.firstRebuilt());
  }
}
