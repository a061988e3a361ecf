internal import CJSONC
internal import Synchronization

/// Owns one parsed document, and frees it. json-c counts references without atomics, so after parsing it is
/// only read: that is what makes it safe to share.
@safe
final class JSONTree: @unchecked Sendable {
  fileprivate let root: OpaquePointer?

  private init(owning root: OpaquePointer?) { unsafe self.root = unsafe root }

  deinit { unsafe json_object_put(root) }

  static let emptyObject = unsafe JSONTree(owning: json_object_new_object()).node

  private var node: JSONNode { unsafe JSONNode(tree: self, pointer: root) }

  static func parse(_ bytes: [UInt8]) throws(Failure) -> JSONNode {
    try JSONScreen.check(bytes)
    let tokener = try unsafe Tokener.take()
    var isAtRest = false
    defer { unsafe Tokener.give(tokener, after: bytes.count, isAtRest: isAtRest) }
    var root = unsafe bytes.withUnsafeBytes { buffer in
      unsafe json_tokener_parse_ex(
        tokener, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(buffer.count))
    }
    var fault = unsafe json_tokener_get_error(tokener)
    if fault == json_tokener_continue {
      // A bare number ends only where the text does, which a NUL tells.
      unsafe root = json_tokener_parse_ex(tokener, "", 1)
      fault = unsafe json_tokener_get_error(tokener)
    }
    let tree = unsafe JSONTree(owning: root)
    isAtRest = fault == json_tokener_success
    guard fault == json_tokener_success else {
      let end = unsafe json_tokener_get_parse_end(tokener)
      throw JSONScreen.malformed(unsafe String(cString: json_tokener_error_desc(fault)), at: end)
    }
    return tree.node
  }
}

/// json-c's parsers: one is kept from a line to the next, since to make one costs as much as to parse a short line.
@safe
private enum Tokener {
  private static let spare = Atomic<UInt>(0)

  static func take() throws(Failure) -> UnsafeMutablePointer<json_tokener> {
    if let kept = unsafe UnsafeMutablePointer<json_tokener>(
      bitPattern: spare.exchange(0, ordering: .acquiringAndReleasing))
    {
      return unsafe kept
    }
    // One level more than the screen lets through: json-c counts a scalar as a level of its own.
    guard let new = unsafe json_tokener_new_ex(Int32(JSON.deepest + 1)) else {
      throw Failure(.faulty, "out of memory")
    }
    // That it is UTF-8 the screen has seen.
    unsafe json_tokener_set_flags(new, JSON_TOKENER_STRICT)
    return unsafe new
  }

  /// One that has read a long line has a buffer to match, and is not kept. Nor is one that stopped amid a value: a
  /// reset leaves it half of a surrogate pair, for which it would take the next line's first escape.
  static func give(_ tokener: UnsafeMutablePointer<json_tokener>, after length: Int, isAtRest: Bool) {
    guard isAtRest, length <= 64 << 10 else { return unsafe json_tokener_free(tokener) }
    unsafe json_tokener_reset(tokener)
    let other = spare.exchange(UInt(bitPattern: tokener), ordering: .acquiringAndReleasing)
    if let other = unsafe UnsafeMutablePointer<json_tokener>(bitPattern: other) {
      unsafe json_tokener_free(other)
    }
  }
}

/// A value within a tree, which it keeps alive.
@safe
struct JSONNode: @unchecked Sendable {
  enum Kind { case null, boolean, integer, double, string, array, object }

  private let tree: JSONTree
  /// json-c's null is a null pointer.
  private let pointer: OpaquePointer?

  fileprivate init(tree: JSONTree, pointer: OpaquePointer?) {
    self.tree = tree
    unsafe self.pointer = pointer
  }

  var kind: Kind {
    switch unsafe json_object_get_type(pointer) {
    case json_type_boolean: .boolean
    case json_type_int: .integer
    case json_type_double: .double
    case json_type_string: .string
    case json_type_array: .array
    case json_type_object: .object
    default: .null
    }
  }

  // Each of these is asked only of its own kind.
  var boolean: Bool { unsafe json_object_get_boolean(pointer) != 0 }
  var integer: Int64 { unsafe json_object_get_int64(pointer) }
  var double: Double { unsafe json_object_get_double(pointer) }

  var string: String {
    // For a string this returns the text it has; only other kinds would be written out, into the tree.
    guard let text = unsafe json_object_get_string(pointer) else { return "" }
    let count = unsafe Int(json_object_get_string_len(pointer))
    let bytes = unsafe UnsafeRawBufferPointer(start: text, count: count)
    return unsafe String(decoding: bytes, as: UTF8.self)
  }

  var count: Int { unsafe Int(json_object_array_length(pointer)) }

  func element(_ index: Int) -> JSONNode {
    unsafe JSONNode(tree: tree, pointer: json_object_array_get_idx(pointer, index))
  }

  /// The member of that exact name.
  func member(_ name: String) -> JSONNode? { unsafe name.withCString { unsafe member(cString: $0) } }

  /// The member whose name is `name` in snake case.
  func member(snake name: String) -> JSONNode? {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 2 * name.utf8.count + 1) { buffer in
      var length = 0
      SnakeCase.bytes(of: name) { byte in
        unsafe buffer[length] = CChar(bitPattern: byte)
        length += 1
      }
      unsafe buffer[length] = 0
      return unsafe buffer.baseAddress.flatMap { unsafe member(cString: $0) }
    }
  }

  private func member(cString name: UnsafePointer<CChar>) -> JSONNode? {
    var value: OpaquePointer?
    guard unsafe json_object_object_get_ex(pointer, name, &value) != 0 else { return nil }
    return unsafe JSONNode(tree: tree, pointer: value)
  }

  /// An object's, in the order they were written.
  func eachMember(_ body: (_ name: String, _ value: JSONNode) throws -> Void) rethrows {
    var next = unsafe json_object_get_object(pointer)?.pointee.head
    while let entry = unsafe next {
      let name = unsafe String(cString: entry.pointee.k.assumingMemoryBound(to: CChar.self))
      try unsafe body(name, JSONNode(tree: tree, pointer: OpaquePointer(entry.pointee.v)))
      unsafe next = entry.pointee.next
    }
  }
}
