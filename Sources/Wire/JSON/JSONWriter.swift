/// Writes JSON's bytes one after the other. Containers are a stack: to write into one closes all that were
/// opened in it since.
final class JSONWriter {
  private struct Scope {
    let end: UInt8
    var isEmpty = true
  }

  private(set) var bytes: [UInt8] = []
  private var scopes: [Scope] = []
  /// True between a key and its value, where no comma belongs.
  private var isAfterKey = false

  init() {
    bytes.reserveCapacity(512)
    scopes.reserveCapacity(8)
  }

  var depth: Int { scopes.count }

  /// Bytes outside the document, such as a line's frame. They must keep it well-formed.
  func raw(_ text: StaticString) {
    unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// A whole value, whatever it is.
  func value(_ value: some Encodable) {
    let depth = scopes.count
    let start = bytes.count
    do {
      try value.encode(to: JSONEncoder(writer: self, depth: depth))
    } catch {
      // The containers here never throw, and the types that travel don't either.
      preconditionFailure("\(type(of: value)) could not be encoded: \(error)")
    }
    if bytes.count == start { open(object: true) }
    close(to: depth)
  }

  func open(object: Bool) {
    comma()
    bytes.append(UInt8(ascii: object ? "{" : "["))
    scopes.append(Scope(end: UInt8(ascii: object ? "}" : "]")))
  }

  func close(to depth: Int) {
    while scopes.count > depth { bytes.append(scopes.removeLast().end) }
  }

  func key(verbatim name: String) {
    comma()
    quoted(name)
    bytes.append(UInt8(ascii: ":"))
    isAfterKey = true
  }

  func key(snake name: String) {
    guard SnakeCase.differs(name) else { return key(verbatim: name) }
    comma()
    bytes.append(UInt8(ascii: "\""))
    SnakeCase.bytes(of: name) { bytes.append($0) }
    bytes.append(UInt8(ascii: "\""))
    bytes.append(UInt8(ascii: ":"))
    isAfterKey = true
  }

  func null() { word("null") }
  func boolean(_ value: Bool) { if value { word("true") } else { word("false") } }

  func integer(_ value: some FixedWidthInteger) {
    comma()
    bytes.append(contentsOf: value.description.utf8)
  }

  /// The shortest text that reads back as the same number. JSON can't write what isn't finite: that becomes
  /// null, which says that there is no value.
  func number(_ value: some BinaryFloatingPoint & CustomStringConvertible) {
    guard value.isFinite else { return null() }
    comma()
    bytes.append(contentsOf: value.description.utf8)
  }

  func string(_ value: String) {
    comma()
    quoted(value)
  }

  private func word(_ text: StaticString) {
    comma()
    raw(text)
  }

  private func comma() {
    if isAfterKey {
      isAfterKey = false
    } else if let last = scopes.indices.last {
      if !scopes[last].isEmpty { bytes.append(UInt8(ascii: ",")) }
      scopes[last].isEmpty = false
    }
  }

  private func quoted(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    if text.utf8.contains(where: Self.mustBeEscaped) {
      for byte in text.utf8 { escaped(byte) }
    } else {
      bytes.append(contentsOf: text.utf8)
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static func mustBeEscaped(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
  }

  private func escaped(_ byte: UInt8) {
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
