/// Where in a document something is, in words.
enum JSONPath {
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
