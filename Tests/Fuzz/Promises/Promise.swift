/// A promise that some input broke: what the fuzzer and the tests over the corpus look for.
struct Broken: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

func promise(_ isKept: Bool, _ words: @autoclosure () -> String) throws(Broken) {
  guard isKept else { throw Broken(words()) }
}

/// Each kind of input that is parsed, by the name that its folder in `Corpus` has.
enum FuzzTarget: String, CaseIterable, Sendable {
  case lines, json, words, yaml, projects, flags

  /// Gives the bytes to the parser, and holds what it makes of them to its promises. A crash, or memory used
  /// wrongly, is for the fuzzer's sanitizer to see.
  func check(_ bytes: [UInt8]) throws(Broken) {
    switch self {
    case .lines: try LinePromises.check(bytes)
    case .json: try JSONPromises.check(bytes)
    case .words: try WordPromises.check(String(decoding: bytes, as: UTF8.self))
    case .yaml: try YAMLPromises.check(bytes)
    case .projects: try ProjectPromises.check(bytes)
    case .flags: try FlagPromises.check(String(decoding: bytes, as: UTF8.self))
    }
  }
}
