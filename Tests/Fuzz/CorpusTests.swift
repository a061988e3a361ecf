import Foundation
import Testing

/// Every input in the corpus keeps its target's promises. The fuzzer starts from these, and each finding's
/// input stays here.
@Suite struct CorpusTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus")

  private static func inputs(_ target: FuzzTarget) throws -> [URL] {
    try FileManager.default.contentsOfDirectory(
      at: folder.appending(path: target.rawValue), includingPropertiesForKeys: nil
    ).sorted { $0.path < $1.path }
  }

  @Test(arguments: FuzzTarget.allCases)
  func everyInputKeepsItsPromises(_ target: FuzzTarget) throws {
    let inputs = try Self.inputs(target)
    #expect(inputs.count >= 10)
    #expect(throws: Never.self, "no bytes") { try target.check([]) }
    for input in inputs {
      let bytes = [UInt8](try Data(contentsOf: input))
      #expect(throws: Never.self, "\(input.lastPathComponent)") { try target.check(bytes) }
    }
  }

  /// A promise that can't be broken would find nothing.
  @Test func aBrokenPromiseIsFound() {
    #expect(throws: Broken.self) { try promise(1 > 2, "1 is not more than 2") }
    for text in ["[1,]", "[01]", "\u{FEFF}1", "\"\\u0000\"", "{\"a\" 1}", "nul", "[1]]", "'a'", "-", "1e"] {
      #expect(!JSONGrammar.accepts(Array(text.utf8)), "\(text)")
    }
    for text in ["[]", " {\"a\" : [1, -0.5e+3, \"\\ud83d\"] } ", "0", "-9223372036854775808", "\"\u{7F}\""] {
      #expect(JSONGrammar.accepts(Array(text.utf8)), "\(text)")
    }
  }
}
