@testable import CommandLine
@testable import Wire

/// What is JSON is taken, what isn't is refused, in words; and whatever is taken can be written and read again
/// as the same, by the wire's own writer and by those for people.
enum JSONPromises {
  static func check(_ bytes: [UInt8]) throws(Broken) {
    try checkMessage(bytes)
    let isJSON = JSONGrammar.accepts(bytes)
    switch attempt({ () throws(Failure) in try JSONParser.parse(bytes) }) {
    case .success(let root):
      try promise(isJSON, "what is not JSON was taken")
      try checkValue(JSONValue(root))
      try WireTypes.check(Parameters(root: root))
    case .failure(let failure):
      try promise(!isJSON, "JSON was refused: \(failure)")
      try checkWords(failure, among: [.malformed])
    }
  }

  static func checkWords(_ failure: Failure, among codes: Set<FailureCode>) throws(Broken) {
    try promise(codes.contains(failure.code), "\(failure.code) is not the code of this fault: \(failure)")
    try promise(!failure.message.isEmpty, "a failure has no words")
    try promise(failure.message.utf8.count <= 2000, "a message has \(failure.message.utf8.count) bytes")
  }

  private static func checkValue(_ value: JSONValue) throws(Broken) {
    let written = JSON.encode(value)
    try promise(JSONGrammar.accepts(written), "what was written is not JSON: \(text(written))")
    try promise(!written.contains(UInt8(ascii: "\n")), "a value was written as more than a line")
    try promise(read(written) == value, "\(value) was read again as another, from \(text(written))")
    let forPeople = Array(JSONText.lines(value).joined(separator: "\n").utf8)
    try promise(read(forPeople) == value, "\(value) was shown as another: \(text(forPeople))")
    try YAMLTextPromises.check(value)
  }

  private static func read(_ bytes: [UInt8]) -> JSONValue? { try? JSON.decode(JSONValue.self, from: bytes) }

  private static func checkMessage(_ line: [UInt8]) throws(Broken) {
    switch attempt({ () throws(Failure) in try Message(parsing: line) }) {
    case .success(let message):
      let written = write(message)
      let again = attempt { () throws(Failure) in try Message(parsing: written) }
      try promise((try? again.get()).map(write) == written, "read again as another: \(text(written))")
    case .failure(let failure):
      try checkWords(failure, among: [.malformed, .notARequest])
    }
  }

  private static func write(_ message: Message) -> [UInt8] {
    switch message {
    case .request(let id, let method, let parameters): Message.request(id: id, method, parameters.value)
    case .notification(let method, let parameters): Message.notification(method, parameters.value)
    case .success(let id, let result): Message.success(id: id, result.value)
    case .error(let id, let failure): Message.error(id: id, failure)
    }
  }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

func attempt<Value, Fault: Error>(_ body: () throws(Fault) -> Value) -> Result<Value, Fault> {
  do throws(Fault) { return .success(try body()) } catch { return .failure(error) }
}
