import Glibc
import Testing

@testable import YAML

@Suite struct YAMLTests {
  private func parse(_ text: String) throws(YAMLFault) -> YAMLValue {
    try YAMLReader.parse(Array(text.utf8), file: "f.yaml")
  }

  private func complaint(_ text: String, _ read: (YAMLValue) throws -> Void = { _ in }) -> String {
    do {
      try read(parse(text))
      return "none"
    } catch {
      return "\(error)"
    }
  }

  @Test func readsEveryShape() throws {
    var top = try parse(
      """
      # a comment
      name: alpha
      users: [alice, "bob"]
      level: high
      nothing:
      agents:
        - cluster: alpha
        - {cluster: beta}
      """
    ).mapping()
    enum Level: String, CaseIterable { case high, low }
    #expect(try top.text("name") == "alpha")
    #expect(try top.texts("users") == ["alice", "bob"])
    #expect(try top.choice("level", of: Level.self) == .high)
    #expect(try top.text("nothing") == nil)
    #expect(try top.text("absent") == nil)
    var clusters: [String?] = []
    for var agent in try #require(try top.mappings("agents")) {
      clusters.append(try agent.text("cluster"))
      try agent.finish()
    }
    #expect(clusters == ["alpha", "beta"])
    try top.finish()
  }

  @Test func aQuotedNullIsText() throws {
    #expect(try parse("'null'").text() == "null")
    #expect(try parse("null").isEmpty)
    #expect(try parse("").isEmpty)
    #expect(try parse("# only a comment\n").isEmpty)
  }

  @Test func complaintsNameFileLineAndField() {
    #expect(
      complaint("socket: a\nclutser: b\n") {
        var top = try $0.mapping()
        _ = try top.text("socket")
        _ = try top.text("cluster")
        try top.finish()
      } == "f.yaml:2: clutser: there is no such setting: known here are socket, cluster")
    #expect(
      complaint("a:\n  - b: 1\n    c: 2\n") {
        var top = try $0.mapping()
        for var item in try top.mappings("a") ?? [] {
          _ = try item.text("b")
          try item.finish()
        }
      } == "f.yaml:3: a[0].c: there is no such setting: known here are b")
    #expect(
      complaint("a: [1]") {
        var top = try $0.mapping()
        _ = try top.text("a")
      } == "f.yaml:1: a: this must be a single value")
    #expect(
      complaint("\na: 1") {
        var top = try $0.mapping()
        _ = try top.texts("a")
      } == "f.yaml:2: a: this must be a list, written as [a, b] or as lines that start with '- '")
    #expect(complaint("- 1") { _ = try $0.mapping() } == "f.yaml:1: this must be a mapping, as in key: value")
    enum Level: String, CaseIterable { case high, low }
    #expect(
      complaint("level: hihg") {
        var top = try $0.mapping()
        _ = try top.choice("level", of: Level.self)
      } == "f.yaml:1: level: 'hihg' is not one of high, low")
    #expect(
      complaint("a: 1") { throw try $0.mapping().missing("cluster") }
        == "f.yaml:1: cluster: this must be given")
    #expect(
      complaint("a: 1\njobs: 2") { try $0.mapping().refuse(["jobs": "not now"]) } == "f.yaml:2: jobs: not now"
    )
  }

  @Test func whatIsNotYAMLIsRefusedWithItsLine() {
    #expect(
      complaint("a: b\n c: d\n")
        == "f.yaml:2: this is not YAML: mapping values are not allowed in this context")
    #expect(complaint("a: [1, 2") == "f.yaml:2: this is not YAML: did not find expected ',' or ']'")
    #expect(complaint("a: 1\nb: 2\na: 3\n") == "f.yaml:1: 'a' is given twice")
    #expect(complaint("a: 1\n---\nb: 2\n").hasPrefix("f.yaml:2: this is not YAML: "))
    #expect(complaint("[a, b]: 1") == "f.yaml:1: a key must be a single word")
    #expect(throws: YAMLFault(file: "f.yaml", line: nil, message: "this is not UTF-8 text")) {
      try YAMLReader.parse([0x61, 0xff], file: "f.yaml")
    }
    #expect(complaint("a: \u{0}b").hasPrefix("f.yaml: this is not YAML: "))
  }

  /// Found by fuzzing: the second was without effect, and without a word.
  @Test func aKeyGivenTwiceInTwoWaysIsRefused() {
    #expect(complaint("1: a\n'1': b\n") == "f.yaml:2: '1' is given twice")
    #expect(complaint("a: 1\n!x a: 2\n") == "f.yaml:2: 'a' is given twice")
  }

  @Test func anchorsAndAliasBombsAreRefused() {
    let words = "anchors (&name) and aliases (*name) are not supported: write it out"
    #expect(complaint("a: &x 1\n") == "f.yaml:1: \(words)")
    #expect(complaint("a: 1\nb: &x [1]\nc: *x\n") == "f.yaml:2: \(words)")
    #expect(complaint("&k a: 1\n") == "f.yaml:1: \(words)")
    var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1...30 {
      let name = "a\(level - 1)"
      bomb += "? &a\(level) [\(Array(repeating: "*\(name)", count: 9).joined(separator: ","))]\n: 1\n"
    }
    #expect(complaint(bomb) == "f.yaml:2: \(words)")
  }

  @Test func starsInTextAndCommentsAreFine() throws {
    let stars = String(repeating: "# *note* and *more* of it\n", count: 40)
    #expect(try parse(stars + "a: 'b *c'\n").entries()[0].value.text() == "b *c")
  }

  @Test func depthIsBounded() {
    let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
    #expect(
      complaint(deep) == "f.yaml:1: this is nested more than 32 deep")
    let deeper = String(repeating: "[", count: 100_000)
    #expect(complaint(deeper).hasPrefix("f.yaml:1: this is not YAML: "))
  }

  /// Found while fuzzing: each value kept the whole way to it as text, and 210 KB of this took 1.5 GB.
  @Test func aLongKeyIsKeptOnce() throws {
    let before = mostKilobytes()
    let items = String(repeating: "1,", count: 5000)
    let values = try parse("? \(String(repeating: "k", count: 200_000))\n: [\(items)]").entries()[0].value
      .list()
    #expect(values.count == 5000)
    #expect(values[7].field == String(repeating: "k", count: 80) + "[7]")
    #expect(mostKilobytes() - before < 300_000)
  }

  /// The most memory that this process ever had.
  private func mostKilobytes() -> Int {
    var usage = rusage()
    _ = unsafe getrusage(RUSAGE_SELF.rawValue, &usage)
    return usage.ru_maxrss
  }

  @Test func aFileThatCannotBeReadIsNamed() throws {
    #expect(
      throws: YAMLFault(
        file: "/nowhere/f.yaml", line: nil, message: "this can't be read: No such file or directory")
    ) {
      try YAMLReader.read(path: "/nowhere/f.yaml")
    }
    #expect(throws: YAMLFault(file: "/dev/zero", line: nil, message: "this is larger than 16 MiB")) {
      try YAMLReader.read(path: "/dev/zero")
    }
  }
}
