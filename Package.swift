// swift-tools-version: 6.2
// One table of modules: what each may import stands here and nowhere else. docs/modules.md says why,
// and Tests/House holds the manifest, the page and the imports to one another.

import PackageDescription

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let libraries: [(name: String, dependencies: [Target.Dependency])] = [
  ("Model", []),
  ("Quota", ["Model"]),
  ("Admission", ["Model"]),
  ("Core", ["Model", "Quota", heap]),
  ("Simulation", ["Model", "Quota", "Core"]),
  ("Wire", ["Model", "CJSONC"]),
  ("Threads", []),
  ("Transport", ["Threads", "CLinux", logging]),
  ("RPC", ["Model", "Wire", "Threads", "Transport", logging]),
  ("Ledger", ["Model", grdb]),
  ("Agent", ["Model", "Admission", "Wire", "Threads", "Transport", "RPC", logging]),
  ("SlurmBackend", ["Model", "Wire", "Threads", "Agent", "CSlurm", logging]),
  ("Coordinator", ["Model", "Quota", "Core", "Wire", "Threads", "Transport", "RPC", "Ledger", logging]),
  ("YAML", [yams]),
  ("CommandLine", ["Model", "Wire", "RPC", "YAML", argumentParser]),
  ("Daemon", ["Model", "Wire", "Threads", "YAML", "CLinux", argumentParser, logging]),
]

let executables: [(name: String, dependencies: [Target.Dependency])] = [
  ("sluice", ["CommandLine"]),
  (
    "sluiced",
    ["Coordinator", "Daemon", "Ledger", "Model", "Quota", "Threads", "Wire", "YAML", argumentParser, logging]
  ),
  (
    "sluice-slurm-agent",
    ["Model", "Admission", "Transport", "SlurmBackend", "Agent", "Daemon", "YAML", argumentParser, logging]
  ),
]

let tests: [(name: String, dependencies: [Target.Dependency])] = [
  ("Model", ["Model"]),
  ("Quota", ["Model", "Quota", "Simulation"]),
  ("Admission", ["Model", "Admission"]),
  ("Core", ["Model", "Quota", "Core"]),
  ("Ledger", ["Model", "Ledger"]),
  ("Wire", ["Wire", "Model"]),
  ("Transport", ["Transport", logging]),
  ("RPC", ["RPC", "Transport", "Wire", "Model", logging]),
  ("Agent", ["Agent", "Admission", "RPC", "Transport", "Wire", "Model", logging]),
  (
    "Coordinator",
    ["Coordinator", "Core", "Quota", "Ledger", "RPC", "Threads", "Transport", "Wire", "Model", logging]
  ),
  ("Daemon", ["Daemon", "Threads", "Wire", "YAML", "Model", argumentParser, logging]),
  ("YAML", ["YAML"]),
  ("CommandLine", ["CommandLine", "Model", "Wire", "RPC", "YAML", logging]),
  ("Simulation", ["Simulation"]),
  ("Planted", []),
  ("Fuzz", ["Transport", "Wire", "Model", "YAML", "CommandLine", argumentParser]),
  ("House", []),
  ("Labs", ["Ledger", "Model"]),
  ("Packaging", []),
  ("SlurmBackend", ["SlurmBackend", "Model", "Wire"]),
]

/// Programs for work on Sluice itself: built when asked for, installed never.
let tools: [(name: String, folder: String, dependencies: [Target.Dependency])] = [
  (
    "sluice-bench", "Bench",
    ["Model", "Quota", "Core", "Wire", "Threads", "Transport", "RPC", "CLinux", argumentParser, logging]
  ),
  ("sluice-soak", "Soak", ["Simulation", "Threads", argumentParser]),
]

/// `make fuzz` sets it: the promises of Tests/Fuzz are then built into the fuzzer, in place of their tests.
let isFuzzing = Context.environment["SLUICE_FUZZ"] != nil

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .strictMemorySafety(),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "sluice",
  products: executables.map { .executable(name: $0.name, targets: [$0.name]) },
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: ["CSlurm", "CJSONC", "CLinux"].map {
    .systemLibrary(name: $0, path: "Sources/C/\($0)")
  }
    + libraries.map {
      .target(name: $0.name, dependencies: $0.dependencies, swiftSettings: settings)
    }
    + executables.map {
      .executableTarget(name: $0.name, dependencies: $0.dependencies, swiftSettings: settings)
    }
    + tools.map {
      .executableTarget(
        name: $0.name, dependencies: $0.dependencies, path: "Tests/\($0.folder)",
        exclude: $0.folder == "Bench" ? ["Lab"] : [],
        swiftSettings: settings)
    }
    + tests.filter { $0.name != "Fuzz" || !isFuzzing }.map {
      .testTarget(
        name: "\($0.name)Tests", dependencies: $0.dependencies, path: "Tests/\($0.name)",
        exclude: $0.name == "Fuzz" ? ["Corpus", "Fuzzer", "run"] : [], swiftSettings: settings)
    }
    + tests.filter { $0.name == "Fuzz" && isFuzzing }.map {
      .executableTarget(
        name: "fuzz", dependencies: $0.dependencies, path: "Tests/Fuzz",
        exclude: ["Corpus", "CorpusTests.swift", "run"],
        sources: ["Promises", "Fuzzer"], swiftSettings: settings)
    }
)
