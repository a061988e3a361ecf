import Foundation
import Testing

/// The simulation finds what it is there to find: each bug is planted in a copy of the sources, which is built with
/// `sluice-soak`, and its auditor must see it.
///
/// All are planted in one build, each behind its number, because ten builds would take ten times as long.
@Suite(.serialized) struct PlantedTests {
  private static let build = Result { try PlantedBuild() }

  @Test func withoutAPlantedBugNoPromiseIsBroken() throws {
    let run = try Self.build.get().soak(planted: nil, seeds: 500)
    #expect(run.status == 0, "\(run.output)")
  }

  @Test(arguments: PlantedBug.all.indices) func isFound(bug: Int) throws {
    let run = try Self.build.get().soak(planted: bug, seeds: 10_000)
    #expect(run.status == 1, "\(PlantedBug.all[bug].name): not found\n\(run.output)")
    #expect(
      run.output.contains("--keep"), "\(PlantedBug.all[bug].name): no command to replay it\n\(run.output)")
    print(
      "\(PlantedBug.all[bug].name): \(run.output.split(separator: "\n").first { $0.hasPrefix("seed") } ?? "")"
    )
  }
}

/// The copy, with every bug in it, and the program built from it.
final class PlantedBuild: Sendable {
  struct Failure: Error, CustomStringConvertible { let description: String }

  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  private static let modules = ["Model", "Quota", "Core", "Simulation", "Threads"]

  private let folder: URL
  private let binary: String

  init() throws {
    // Kept, so that a second run builds only what has changed.
    folder = Self.root.appending(path: ".build/planted")
    try Self.copy(to: folder)
    for (number, bug) in PlantedBug.all.enumerated() { try Self.plant(bug, number: number, in: folder) }
    let build = try Self.run(
      ["swift", "build", "-c", "release", "--package-path", folder.path, "--product", "sluice-soak"])
    guard build.status == 0 else { throw Failure(description: "the copy does not build\n\(build.output)") }
    binary = folder.appending(path: ".build/release/sluice-soak").path
  }

  func soak(planted bug: Int?, seeds: Int) throws -> (status: Int32, output: String) {
    var environment = ProcessInfo.processInfo.environment
    environment["SLUICE_PLANTED"] = bug.map { "\($0)" }
    return try Self.run([binary, "--seeds", "\(seeds)", "--failures", "1"], environment: environment)
  }

  private static func copy(to folder: URL) throws {
    let sources = folder.appending(path: "Sources")
    if FileManager.default.fileExists(atPath: sources.path) {
      try FileManager.default.removeItem(at: sources)
    }
    try FileManager.default.createDirectory(at: sources, withIntermediateDirectories: true)
    for module in modules {
      try FileManager.default.copyItem(
        at: root.appending(path: "Sources/\(module)"), to: sources.appending(path: module))
    }
    try FileManager.default.copyItem(
      at: root.appending(path: "Tests/Soak"), to: sources.appending(path: "sluice-soak"))
    try manifest().write(to: folder.appending(path: "Package.swift"), atomically: true, encoding: .utf8)
    // Whoever plants must be able to ask; which bug is at work is the process's own affair.
    try """
    import Glibc

    package let plantedBug: Int = getenv("SLUICE_PLANTED").flatMap { Int(String(cString: $0)) } ?? -1

    """.write(to: sources.appending(path: "Model/Planted.swift"), atomically: true, encoding: .utf8)
  }

  /// The package's own, with only what the simulation needs, and with warnings allowed.
  private static func manifest() throws -> String {
    var text = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
    let kept = modules.map { "\"\($0)\"" }.joined(separator: ", ")
    text.replace("path: \"Tests/\\($0.folder)\"", with: "path: \"Sources/\\($0.name)\"")
    text.replace("  .treatAllWarnings(as: .error),\n", with: "")
    text.replace(
      "    + libraries.map {", with: "    + libraries.filter { [\(kept)].contains($0.name) }.map {")
    text.replace("    + tools.map {", with: "    + tools.filter { $0.name == \"sluice-soak\" }.map {")
    text.replace("    + executables.map {", with: "    + executables.prefix(0).map {")
    text.replace(
      "    + tests.filter { $0.name != \"Fuzz\" || !isFuzzing }.map {", with: "    + tests.prefix(0).map {")
    text.replace("products: executables.map {", with: "products: executables.prefix(0).map {")
    text.replace("[\"CSlurm\", \"CLinux\"].map {", with: "[String]().map {")
    return text
  }

  /// Both decisions stand in the copy, and the number of the bug at work says which is taken.
  private static func plant(_ bug: PlantedBug, number: Int, in folder: URL) throws {
    for edit in bug.edits {
      let file = folder.appending(path: "Sources/\(edit.file)")
      let text = try String(contentsOf: file, encoding: .utf8)
      let parts = text.components(separatedBy: edit.find)
      guard parts.count == 2 else {
        throw Failure(
          description:
            "\(bug.name): '\(edit.find)' stands \(parts.count - 1) times in \(edit.file): plant it anew")
      }
      let replacement = edit.replacement.replacing("PLANTED", with: "(plantedBug == \(number))")
      try parts.joined(separator: replacement).write(to: file, atomically: true, encoding: .utf8)
    }
  }

  private static func run(
    _ arguments: [String], environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
