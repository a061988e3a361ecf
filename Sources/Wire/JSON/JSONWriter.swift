/// The bytes that all encoders and containers of one document write to.
final class JSONOutput {
  @exclusivity(unchecked) private var own = JSONWriter()

  /// Accesses never overlap, since the writer's functions call no one else: to let each be checked while the program
  /// runs would take a fifth of the time.
  var writer: JSONWriter {
    _read { yield unsafe own }
    _modify { yield unsafe &own }
  }

  /// A whole value, whatever it is.
  func value(_ value: some Encodable) {
    let depth = writer.depth
    let start = writer.bytes.count
    do {
      try value.encode(to: JSONEncoder(output: self, depth: depth))
    } catch {
      // The containers here never throw, and the types that travel don't either.
      preconditionFailure("\(type(of: value)) could not be encoded: \(error)")
    }
    if writer.bytes.count == start { writer.open(object: true) }
    writer.close(to: depth)
  }
}

/// Writes JSON's bytes one after the other. Containers are a stack: to write into one closes all that were
/// opened in it since.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  /// The brackets that close what is open.
  private var ends: [UInt8] = []

  init() {
    bytes.reserveCapacity(512)
    ends.reserveCapacity(8)
  }

  var depth: Int { ends.count }

  /// Bytes outside the document, such as a line's frame. They must keep it well-formed.
  mutating func raw(_ text: StaticString) {
    unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func open(object: Bool) {
    comma()
    bytes.append(UInt8(ascii: object ? "{" : "["))
    ends.append(UInt8(ascii: object ? "}" : "]"))
  }

  mutating func close(to depth: Int) {
    while ends.count > depth { bytes.append(ends.removeLast()) }
  }

  mutating func key(verbatim name: String) {
    comma()
    quoted(name)
    bytes.append(UInt8(ascii: ":"))
  }

  mutating func key(snake name: String) {
    comma()
    bytes.append(UInt8(ascii: "\""))
    SnakeCase.bytes(of: name) { bytes.append($0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
  }

  mutating func null() { word("null") }
  mutating func boolean(_ value: Bool) { if value { word("true") } else { word("false") } }

  mutating func integer(_ value: some FixedWidthInteger) {
    comma()
    if value < 0 { bytes.append(UInt8(ascii: "-")) }
    var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))
    var first = digits.count
    var rest = UInt64(value.magnitude)
    repeat {
      first -= 1
      digits[first] += UInt8(rest % 10)
      rest /= 10
    } while rest > 0
    for index in first..<digits.count { bytes.append(digits[index]) }
  }

  /// The shortest text that reads back as the same number. JSON can't write what isn't finite: that becomes
  /// null, which says that there is no value.
  mutating func number(_ value: some BinaryFloatingPoint & CustomStringConvertible) {
    guard value.isFinite else { return null() }
    comma()
    bytes.append(contentsOf: value.description.utf8)
  }

  mutating func string(_ value: String) {
    comma()
    quoted(value)
  }

  private mutating func word(_ text: StaticString) {
    comma()
    raw(text)
  }

  /// What was written last tells whether a value stands before the one to come.
  private mutating func comma() {
    guard !ends.isEmpty, let last = bytes.last else { return }
    switch last {
    case UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): break
    default: bytes.append(UInt8(ascii: ","))
    }
  }

  private mutating func quoted(_ text: String) {
    let span = text.utf8Span.span
    bytes.append(UInt8(ascii: "\""))
    if span.indices.contains(where: { Self.mustBeEscaped(span[$0]) }) {
      for index in span.indices { escaped(span[index]) }
    } else {
      unsafe span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func mustBeEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
  }

  private mutating func escaped(_ byte: UInt8) {
    guard Self.mustBeEscaped(byte) else { return bytes.append(byte) }
    switch byte {
    case UInt8(ascii: "\""): raw("\\\"")
    case UInt8(ascii: "\\"): raw("\\\\")
    case UInt8(ascii: "\n"): raw("\\n")
    case UInt8(ascii: "\t"): raw("\\t")
    case UInt8(ascii: "\r"): raw("\\r")
    default:
      raw("\\u00")
      for digit in [byte >> 4, byte & 0xF] {
        bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      }
    }
  }
}
