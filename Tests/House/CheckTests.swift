import Testing

/// Each check must be able to fail: small samples, good and bad.
@Suite struct CheckTests {
  static let manifest = """
    let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
    let logging = Target.Dependency.product(
      name: "Logging", package: "swift-log")

    let libraries: [(name: String, dependencies: [Target.Dependency])] = [
      ("Model", []),
      ("Core", ["Model", heap]),
      (
        "Wire",
        [
          "Model", "CLinux", logging,
        ]
      ),
    ]

    let executables: [(name: String, dependencies: [Target.Dependency])] = [
      ("a-tool", ["Wire"]),
    ]

    let tests: [(name: String, dependencies: [Target.Dependency])] = [
      ("Core", ["Core"]),
    ]
    """

  static let page = """
    # The modules

    | module | may import | pure |
    | --- | --- | --- |
    | Model | | yes |
    | Core | Model | yes |
    | Wire | Model, CLinux | |
    | a-tool | Wire | |

    More.
    """

  let manifest = Manifest(Self.manifest + "\n")
  let page = ModulesPage.rows(Self.page)

  @Test func tablesAreRead() {
    #expect(manifest.products == ["HeapModule", "Logging"])
    #expect(
      manifest.modules == [
        Row(name: "Model", dependencies: []), Row(name: "Core", dependencies: ["Model", "HeapModule"]),
        Row(name: "Wire", dependencies: ["Model", "CLinux", "Logging"]),
        Row(name: "a-tool", dependencies: ["Wire"]),
      ])
    #expect(manifest.tests == [Row(name: "Core", dependencies: ["Core"])])
    #expect(page.map(\.isPure) == [true, true, false, false])
  }

  @Test func aDifferingPageIsFound() {
    #expect(Checks.page(page, against: manifest) == [])
    var other = page
    other[1].dependencies = []
    #expect(Checks.page(other, against: manifest) == ["Core: the page says [], Package.swift [\"Model\"]"])
    #expect(Checks.page(Array(page.dropLast()), against: manifest).count == 1)
  }

  @Test func anArrowUpIsFound() {
    let known: Set = ["HeapModule", "Logging", "CLinux"]
    #expect(Checks.arrows(manifest.modules, known: known) == [])
    var cycle = manifest.modules
    cycle[0].dependencies = ["Wire"]
    #expect(Checks.arrows(cycle, known: known) == ["Model imports Wire, which doesn't stand above it"])
  }

  @Test func importsAreRead() {
    let file = SourceFile(
      module: "Wire",
      text: """
        // import NotMe
        internal import Model
        package import CLinux  // why
        @testable import Core
        import struct Logging.Logger
        let text = "import Nothing"
        """)
    #expect(file.imports == ["Model", "CLinux", "Core", "Logging"])
  }

  @Test(arguments: [
    ("Core", "internal import Model\ninternal import HeapModule", 0),
    ("Core", "internal import Glibc", 1),
    ("Core", "package import Foundation", 1),
    (
      "Wire", "internal import Glibc\npackage import Model\ninternal import CLinux\ninternal import Logging",
      0
    ),
    ("Wire", "internal import Core", 1),
    ("Wire", "internal import HeapModule", 1),
    ("Model", "import Core", 1),
  ])
  func aForbiddenImportIsFound(module: String, text: String, wrong: Int) throws {
    let row = try #require(manifest.modules.first { $0.name == module })
    let found = Checks.imports(
      SourceFile(module: module, text: text), row: row, isPure: module != "Wire", products: manifest.products)
    #expect(found.count == wrong)
  }

  @Test func cModulesHaveOneOwner() {
    #expect(Checks.owners(SourceFile(module: "SlurmBackend", text: "internal import CSlurm")) == [])
    #expect(Checks.owners(SourceFile(module: "Agent", text: "internal import CSlurm")).count == 1)
    #expect(Checks.owners(SourceFile(module: "Wire", text: "import Foundation")).count == 1)
  }

  @Test(arguments: [
    "let now = Date()", "let clock = ContinuousClock()", "x = Int.random(in: 0..<3)", "Task { }",
    "var generator = SystemRandomNumberGenerator()", "func wait() async {}", "list.shuffled()",
  ])
  func impurityIsFound(code: String) {
    #expect(Checks.purity(SourceFile(module: "Core", text: code)).count == 1)
  }

  @Test func pureCodePasses() {
    let code = "let arrayTasks = 1  // a Task at random\nlet update = \"http://host\""
    #expect(Checks.purity(SourceFile(module: "Core", text: code)) == [])
  }

  @Test func longAndUnfinishedFilesAreFound() {
    let lines = String(repeating: "x\n", count: Checks.longestFile)
    #expect(Checks.size(SourceFile(module: "Core", text: lines)) == [])
    #expect(Checks.size(SourceFile(module: "Core", text: lines + "x\n")).count == 1)
    #expect(Checks.unfinished(SourceFile(module: "Core", text: "// TO" + "DO: later")).count == 1)
    #expect(Checks.unfinished(SourceFile(module: "Core", text: "todos()")) == [])
  }

  @Test func strayFoldersAreFound() {
    #expect(Checks.folders(["Core"], named: ["Core"], in: "Tests") == [])
    #expect(Checks.folders(["Core", "Old"], named: ["Core"], in: "Tests").count == 1)
    #expect(Checks.folders([], named: ["Core"], in: "Tests").count == 1)
  }

  @Test func sharedSwiftLibrariesAreFound() {
    #expect(Checks.libraries("a-tool", listing: "\tlibc.so.6 => /lib/libc.so.6 (0x1)\n") == [])
    #expect(
      Checks.libraries("a-tool", listing: "\tlibFoundation.so => /usr/lib/libFoundation.so (0x1)\n").count
        == 1)
    #expect(Checks.libraries("a-tool", listing: "\tlibslurm.so.38 => not found\n").count == 1)
  }
}
