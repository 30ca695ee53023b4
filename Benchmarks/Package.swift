// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

/// Rooms of the library: what is measured is what its stages call.
let rooms = [
  "Collectives", "Datasets", "Generation", "Kernels", "Objectives", "Profiling", "Randomness",
  "Text", "Training", "Transformers",
].map { Target.Dependency.product(name: $0, package: "zhinao-align") }

let package = Package(
  name: "Benchmarks",
  dependencies: [
    .package(name: "zhinao-align", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
  ],
  targets: [
    // The ceiling is OpenBLAS' own where it is the higher one, whatever the library multiplies with.
    .systemLibrary(name: "CBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .executableTarget(
      name: "zhinao-bench",
      dependencies: rooms + [
        "CBLAS", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6])
