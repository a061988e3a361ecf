import Foundation
import Testing

/// The repository itself, held to what Package.swift and docs/modules.md say.
@Suite struct HouseTests {
  let manifest: Manifest
  let page: [Row]

  init() throws {
    manifest = Manifest(try Repository.text("Package.swift"))
    page = ModulesPage.rows(try Repository.text("docs/modules.md"))
  }

  private func isPure(_ name: String) -> Bool { page.contains { $0.name == name && $0.isPure } }

  private func everyFile(_ check: (SourceFile, Row) -> [String]) throws -> [String] {
    try manifest.modules.flatMap { row in
      try Repository.sources(of: row.name, in: manifest.folder(of: row.name)).flatMap { check($0, row) }
    }
  }

  @Test func thePageAndTheManifestAgree() {
    #expect(manifest.libraries.count >= 12)
    #expect(manifest.executables.count >= 3)
    #expect(Checks.page(page, against: manifest) == [])
  }

  @Test func arrowsGoDown() {
    #expect(
      Checks.arrows(manifest.modules, known: manifest.products.union(["CSlurm", "CLinux"])) == [])
  }

  @Test func modulesImportWhatTheirRowAllows() throws {
    let wrong = try everyFile { file, row in
      Checks.imports(file, row: row, isPure: isPure(row.name), products: manifest.products)
        + Checks.owners(file)
    }
    #expect(wrong == [])
  }

  @Test func pureModulesArePure() throws {
    #expect(page.filter(\.isPure).map(\.name) == ["Model", "Quota", "Admission", "Core", "Simulation"])
    #expect(try everyFile { file, row in isPure(row.name) ? Checks.purity(file) : [] } == [])
  }

  @Test func filesAreShortAndFinished() throws {
    #expect(try everyFile { file, _ in Checks.size(file) + Checks.unfinished(file) } == [])
  }

  @Test func everyFolderIsATarget() throws {
    let sources = try Repository.folders(in: "Sources").subtracting(["C"])
    let tests = try Repository.folders(in: "Tests")
    let inSources = (manifest.libraries + manifest.executables).map(\.name)
    #expect(Checks.folders(sources, named: inSources, in: "Sources") == [])
    #expect(
      Checks.folders(tests, named: manifest.tests.map(\.name) + manifest.toolFolders.values, in: "Tests")
        == [])
  }

  @Test func releaseBinariesAreSelfContained() throws {
    for row in manifest.executables {
      let binary = Repository.root.appending(path: ".build/release/\(row.name)").path
      try #require(FileManager.default.fileExists(atPath: binary), "\(row.name) is not built: make build")
      #expect(Checks.libraries(row.name, listing: try ldd(binary)) == [])
    }
  }

  private func ldd(_ path: String) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/ldd")
    process.arguments = [path]
    process.standardOutput = output
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return String(decoding: bytes, as: UTF8.self)
  }
}
