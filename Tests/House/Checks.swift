/// Each check gives what is wrong, in sentences; nothing when all is well.
enum Checks {
  /// The page and the manifest have the same modules, in the same order, with the same arrows. Products of
  /// packages stand in the manifest only.
  static func page(_ page: [Row], against manifest: Manifest) -> [String] {
    var wrong: [String] = []
    let inManifest = manifest.modules
    if page.map(\.name) != inManifest.map(\.name) {
      wrong.append("docs/modules.md lists \(page.map(\.name)), Package.swift \(inManifest.map(\.name))")
    }
    for row in page {
      guard let other = inManifest.first(where: { $0.name == row.name }) else { continue }
      let modules = other.dependencies.subtracting(manifest.products)
      if modules != row.dependencies {
        wrong.append(
          "\(row.name): the page says \(row.dependencies.sorted()), Package.swift \(modules.sorted())")
      }
    }
    return wrong
  }

  /// A module depends on modules that stand above it in the table only, so there is no cycle either.
  static func arrows(_ rows: [Row], known: Set<String>) -> [String] {
    var wrong: [String] = []
    var above = known
    for row in rows {
      for name in row.dependencies.subtracting(above).sorted() {
        wrong.append("\(row.name) imports \(name), which doesn't stand above it")
      }
      above.insert(row.name)
    }
    return wrong
  }

  static let systemModules: Set<String> = [
    "Swift", "Glibc", "Dispatch", "FoundationEssentials", "Synchronization",
  ]
  static let pureProducts: Set<String> = ["HeapModule"]

  /// What `file` imports is in its module's row, or of the system; a pure module has next to nothing of that.
  static func imports(_ file: SourceFile, row: Row, isPure: Bool, products: Set<String>) -> [String] {
    let allowed =
      isPure
      ? row.dependencies.subtracting(products.subtracting(pureProducts))
      : row.dependencies.union(systemModules)
    return file.imports.filter { !allowed.contains($0) }.map { name in
      "\(file.path) imports \(name), which \(row.name) may not\(isPure ? ": it is pure" : "")"
    }
  }

  /// C modules with one owner, and what nobody imports.
  static func owners(_ file: SourceFile) -> [String] {
    file.imports.compactMap { name in
      switch (name, file.module) {
      case ("CSlurm", "SlurmBackend"): nil
      case ("CSlurm", _), ("Foundation", _), ("FoundationNetworking", _):
        "\(file.path) imports \(name)"
      default: nil
      }
    }
  }

  private static let impureWords: Set<String> = [
    "Date", "ContinuousClock", "SuspendingClock", "SystemRandomNumberGenerator", "random", "randomElement",
    "shuffled", "shuffle", "hashValue", "Task", "async", "await", "actor", "print", "unsafe",
  ]

  /// A pure module uses no clock, chance, concurrency, output or pointer.
  static func purity(_ file: SourceFile) -> [String] {
    file.words.intersection(impureWords).sorted().map { "\(file.path) uses \($0)" }
  }

  static let longestFile = 400

  static func size(_ file: SourceFile) -> [String] {
    let count = file.text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).count - 1
    return count > longestFile ? ["\(file.path) has \(count) lines, over \(longestFile)"] : []
  }

  static func unfinished(_ file: SourceFile) -> [String] {
    let words = Set(file.text.split { !$0.isLetter }.map(String.init))
    return ["TO" + "DO", "FIX" + "ME"].filter(words.contains).map { "\(file.path) says \($0)" }
  }

  /// The folders there are and the table name the same targets.
  static func folders(_ found: Set<String>, named: [String], in path: String) -> [String] {
    found.subtracting(named).sorted().map { "\(path)/\($0) is in no table of Package.swift" }
      + Set(named).subtracting(found).sorted().map {
        "Package.swift names \($0), but \(path)/\($0) is not there"
      }
  }

  /// `listing` is what ldd(1) prints about a release binary.
  static func libraries(_ binary: String, listing: String) -> [String] {
    listing.split(whereSeparator: \.isNewline).compactMap { line in
      if line.contains("libFoundation") || line.contains("lib_Foundation") || line.contains("libswift") {
        return "\(binary) needs\(line)"
      }
      return line.contains("not found") ? "\(binary): \(line)" : nil
    }
  }
}
