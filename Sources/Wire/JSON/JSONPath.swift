/// Where in a document something is: a list from the inside out, so that going a level deeper costs one box,
/// and text is made only for an error.
indirect enum JSONPath: Sendable {
  case root
  /// Of what Sluice itself has kept.
  case ownRoot
  case member(any CodingKey, of: JSONPath)
  case element(Int, of: JSONPath)

  var codingPath: [any CodingKey] {
    var keys: [any CodingKey] = []
    var path = self
    while true {
      switch path {
      case .root, .ownRoot: return keys.reversed()
      case .member(let key, let parent):
        keys.append(key)
        path = parent
      case .element(let index, let parent):
        keys.append(ElementKey(index: index))
        path = parent
      }
    }
  }

  var isOwn: Bool {
    var path = self
    while true {
      switch path {
      case .root: return false
      case .ownRoot: return true
      case .member(_, let parent), .element(_, let parent): path = parent
      }
    }
  }

  func corrupted(_ words: String) -> DecodingError {
    .dataCorrupted(.init(codingPath: codingPath, debugDescription: words))
  }

  /// What is wrong and where, as in `limits.cpu: an amount can't be negative`.
  static func words(for error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    switch error {
    case .keyNotFound(let key, let context): return "\(text(of: context.codingPath + [key])) is missing"
    case .valueNotFound(_, let context): return "\(text(of: context.codingPath)) is missing"
    case .typeMismatch(_, let context), .dataCorrupted(let context):
      let place = text(of: context.codingPath)
      return place.isEmpty ? context.debugDescription : "\(place): \(context.debugDescription)"
    @unknown default: return "\(error)"
    }
  }

  private static func text(of path: [any CodingKey]) -> String {
    var result = ""
    for key in path {
      if let index = key.intValue {
        result += "[\(index)]"
      } else {
        let name = key is DataKey ? key.stringValue : SnakeCase.text(of: key.stringValue)
        result += result.isEmpty ? name : ".\(name)"
      }
    }
    return result
  }
}

/// A member's name that is data, as a coding key.
struct DataKey: CodingKey {
  let stringValue: String
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
  var intValue: Int? { nil }
}

/// An array's index as a coding key.
struct ElementKey: CodingKey {
  let index: Int
  init(index: Int) { self.index = index }
  init?(intValue: Int) { index = intValue }
  init?(stringValue: String) { nil }
  var intValue: Int? { index }
  var stringValue: String { "\(index)" }
}
