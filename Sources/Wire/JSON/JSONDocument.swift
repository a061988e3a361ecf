/// One parsed document: its text, and a flat list of its values in the order in which they begin. Nothing is made of a
/// value before it is asked for, and it may be read from any thread.
final class JSONDocument: Sendable {
  /// A value, or a member's name, which stands before the value.
  enum Value: Sendable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case double(Double)
    /// What stands between the quotes.
    case string(start: UInt32, count: UInt32, hasEscapes: Bool)
    /// `end` is the place after all that it has.
    case array(count: UInt32, end: UInt32)
    case object(count: UInt32, end: UInt32)
  }

  fileprivate let text: [UInt8]
  fileprivate let values: [Value]

  init(text: [UInt8], values: [Value]) {
    self.text = text
    self.values = values
  }

  static let emptyObject = JSONDocument(text: [], values: [.object(count: 0, end: 1)]).root

  var root: JSONNode { JSONNode(document: self, place: 0) }

  /// The place of what comes after a value and all that it has.
  fileprivate func end(of place: Int) -> Int {
    switch values[place] {
    case .array(_, let end), .object(_, let end): Int(end)
    default: place + 1
    }
  }

  fileprivate func string(at place: Int) -> String {
    guard case .string(let start, let count, let hasEscapes) = values[place] else { return "" }
    let text = text
    let bytes = text.span.extracting(Int(start)..<Int(start + count))
    if hasEscapes { return JSONEscape.decoded(bytes) }
    return unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }

  fileprivate func isString(at place: Int, _ wanted: Span<UInt8>) -> Bool {
    guard case .string(let start, let count, let hasEscapes) = values[place] else { return false }
    if hasEscapes {
      let decoded = string(at: place)
      return Self.areSame(decoded.utf8Span.span, wanted)
    }
    let text = text
    return Self.areSame(text.span.extracting(Int(start)..<Int(start + count)), wanted)
  }

  private static func areSame(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    left.count == right.count && left.indices.allSatisfy { left[$0] == right[$0] }
  }
}

/// A value within a document, which it keeps alive.
struct JSONNode: Sendable {
  enum Kind { case null, boolean, integer, double, string, array, object }

  private let document: JSONDocument
  /// Narrow, so that a decoder fits where Swift has room for any of them, and needs no memory of its own.
  let narrowPlace: UInt32

  init(document: JSONDocument, place: Int) {
    self.document = document
    narrowPlace = UInt32(truncatingIfNeeded: place)
  }

  /// Among the document's values.
  private var place: Int { Int(narrowPlace) }

  private var value: JSONDocument.Value { document.values[place] }

  var kind: Kind {
    switch value {
    case .null: .null
    case .boolean: .boolean
    case .integer: .integer
    case .double: .double
    case .string: .string
    case .array: .array
    case .object: .object
    }
  }

  // Each of these is asked only of its own kind.
  var boolean: Bool {
    guard case .boolean(let value) = value else { return false }
    return value
  }

  var integer: Int64 {
    guard case .integer(let value) = value else { return 0 }
    return value
  }

  var double: Double {
    guard case .double(let value) = value else { return 0 }
    return value
  }

  var string: String { document.string(at: place) }

  /// How many elements an array has.
  var count: Int {
    guard case .array(let count, _) = value else { return 0 }
    return Int(count)
  }

  /// An array's, in order.
  var elements: Elements { Elements(document: document, place: place + 1, end: document.end(of: place)) }

  struct Elements: Sequence, IteratorProtocol {
    fileprivate let document: JSONDocument
    fileprivate var place: Int
    fileprivate let end: Int

    mutating func next() -> JSONNode? {
      guard place < end else { return nil }
      defer { place = document.end(of: place) }
      return JSONNode(document: document, place: place)
    }
  }

  /// The member of that exact name; the last one, should there be several.
  func member(_ name: String) -> JSONNode? { member(name.utf8Span.span) }

  /// The same whose name is `name` in snake case.
  func member(snake name: String) -> JSONNode? {
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * name.utf8.count) { buffer in
      var length = 0
      SnakeCase.bytes(of: name) { byte in
        unsafe buffer[length] = byte
        length += 1
      }
      return unsafe member(buffer.span.extracting(..<length))
    }
  }

  private func member(_ name: Span<UInt8>) -> JSONNode? {
    var found: Int?
    eachPlace { place in
      if document.isString(at: place, name) { found = place + 1 }
    }
    return found.map { JSONNode(document: document, place: $0) }
  }

  /// An object's, in the order they were written.
  func eachMember(_ body: (_ name: String, _ value: JSONNode) throws -> Void) rethrows {
    try eachPlace { place in
      try body(document.string(at: place), JSONNode(document: document, place: place + 1))
    }
  }

  /// Of the names of an object's members.
  private func eachPlace(_ body: (Int) throws -> Void) rethrows {
    guard case .object(let count, _) = value else { return }
    var place = place + 1
    for _ in 0..<count {
      try body(place)
      place = document.end(of: place + 1)
    }
  }

  /// The keys and indices that lead here from what stands at `root`. They are searched for, since only an error asks.
  func path(from root: UInt32) -> [any CodingKey] {
    var path: [any CodingKey] = []
    var around = JSONNode(document: document, place: Int(root))
    while around.place < place, let (key, next) = around.part(with: place) {
      path.append(key)
      around = next
    }
    return path
  }

  /// The member or element in which the value at `inner` is.
  private func part(with inner: Int) -> (any CodingKey, JSONNode)? {
    if kind == .array {
      let part = elements.enumerated().first { inner < document.end(of: $0.element.place) }
      return part.map { (ElementKey(index: $0.offset), $0.element) }
    }
    var part: (any CodingKey, JSONNode)?
    eachPlace { place in
      guard part == nil, inner < document.end(of: place + 1) else { return }
      part = (
        DataKey(stringValue: document.string(at: place)), JSONNode(document: document, place: place + 1)
      )
    }
    return part
  }
}
