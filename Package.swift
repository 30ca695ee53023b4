// swift-tools-version: 6.2
import PackageDescription

/// Float32 kernels are written over sixteen lanes; without AVX2 and FMA they are ten times slower.
#if arch(x86_64)
let instructionSet: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-march=x86-64-v3"])]
#else
let instructionSet: [SwiftSetting] = []
#endif

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

let collections = Target.Dependency.product(
  name: "OrderedCollections", package: "swift-collections")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

/// A module of `Sources` and its mirror in `Tests`; what it may import is all that it names.
func room(
  _ name: String, _ dependencies: [Target.Dependency] = [], tests: [Target.Dependency] = []
) -> [Target] {
  [
    .target(name: name, dependencies: dependencies, swiftSettings: strict + instructionSet),
    .testTarget(
      name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies + tests,
      resources: [.copy("Goldens")], swiftSettings: strict + instructionSet),
  ]
}

let libraries: [Target] = [
  .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
  .systemLibrary(name: "CVectors"),
  .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
  .systemLibrary(
    name: "COpenMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev", "openmpi-bin"])]),
  .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
  .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
  .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
]

// An import may only go up this list: later rooms stand on earlier ones.
let rooms =
  room("JSON", [collections])
  + room("Suggestions")
  + room("Randomness")
  + room("Profiling")
  + room("Kernels", ["Profiling", "COpenBLAS", "COneDNN", "CVectors"])
  + room("Collectives", ["Profiling", "COpenMPI"], tests: ["collectives-check"])
  + room("Checkpoints", ["JSON", "Suggestions", collections])
  + room("Text", ["JSON", "CPCRE2", collections])
  + room("Datasets", ["JSON", "Text", "Randomness", "CZlib", collections])
  + room("Transformers", ["JSON", "Randomness", "Kernels", "Checkpoints"])
  + room("Objectives", tests: ["JSON"])
  + room("Rewards", tests: ["JSON", collections])
  + room(
    "Merging", ["Checkpoints", "JSON", "Kernels", "Randomness", "Suggestions", collections, yams])
  + room("Generation", ["Randomness", "Profiling", "Kernels", "Transformers"])
  + room("Artifacts", ["JSON", "COpenSSL", collections])
  + room(
    "Training",
    [
      "JSON", "Profiling", "Kernels", "Transformers", "Collectives", "Objectives", "Artifacts",
      "Checkpoints",
    ])
  + room("Pipeline", ["Artifacts", "JSON", "Profiling", "Suggestions", collections])
  + room("Reporting", ["Artifacts", "JSON", collections])
  + room(
    "Recipes", ["Pipeline", "Artifacts", "JSON", "Suggestions", collections, yams],
    tests: ["Stages"])
  + room(
    "Stages",
    [
      "Pipeline", "Artifacts", "Training", "Generation", "Merging", "Rewards", "Objectives",
      "Transformers", "Datasets", "Text", "Checkpoints", "Collectives", "Kernels", "Profiling",
      "Randomness", "JSON", "Suggestions", collections,
    ])

let programs: [Target] = [
  .executableTarget(
    name: "zhinao-align",
    dependencies: [
      "Stages", "Recipes", "Reporting", "Pipeline", "Artifacts", "Training", "Generation",
      "Merging",
      "Transformers", "Datasets", "Text", "Checkpoints", "Collectives", "Kernels", "Randomness",
      "JSON", "Suggestions", collections, argumentParser,
      logging,
    ], swiftSettings: strict),
  .testTarget(
    name: "CommandTests",
    dependencies: [
      "zhinao-align", "Artifacts", "JSON", "Kernels", "Transformers", "Pipeline", collections,
    ], resources: [.copy("Goldens")],
    swiftSettings: strict),
  .executableTarget(
    name: "nano-data", dependencies: ["JSON", "Randomness", "COpenSSL", collections],
    swiftSettings: strict),
  .testTarget(
    name: "NanoDataTests", dependencies: ["nano-data", "JSON"], resources: [.copy("Goldens")],
    swiftSettings: strict),
  .executableTarget(
    name: "collectives-check", dependencies: ["Collectives"], swiftSettings: strict),
]

/// The rooms that the benchmarks, a package of their own, stand on.
let products: [Product] = [
  "Collectives", "Datasets", "Generation", "Kernels", "Objectives", "Profiling", "Randomness",
  "Text", "Training", "Transformers",
].map { .library(name: $0, targets: [$0]) }

let package = Package(
  name: "zhinao-align",
  products: products,
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: libraries + rooms + programs,
  swiftLanguageModes: [.v6])
