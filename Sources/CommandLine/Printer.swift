internal import Wire

/// Prints an answer in the format that was asked for. JSON and YAML are the wire's types, unchanged.
struct Printer {
  let session: Session
  let output: OutputOptions

  init(_ connection: ConnectionOptions, _ output: OutputOptions) throws(CommandFailure) {
    session = try Session(connection)
    self.output = output
  }

  /// A list, all its pages together. `render` makes lines of the items.
  func list<Item: Codable & Sendable>(
    _ method: String, most: Int = .max, of type: Item.Type,
    _ parameters: (_ limit: Int, _ cursor: String?) -> some Encodable = {
      PageRequest(limit: $0, cursor: $1)
    },
    render: ([Item], Style) -> [String]
  ) throws(CommandFailure) {
    if isRaw {
      let items = try session.items(method, most: most, as: JSONValue.self, parameters)
      try printRaw(.object([(key: "items", value: .array(items))]))
    } else {
      let items = try session.items(method, most: most, as: type, parameters)
      try Terminal.print(render(items, output.style))
    }
  }

  /// One answer, which is also given back.
  @discardableResult
  func one<Answer: Codable>(
    _ method: String, _ parameters: some Encodable, of type: Answer.Type, render: (Answer, Style) -> [String]
  ) throws(CommandFailure) -> Answer {
    let value = try session.call(method, parameters, as: JSONValue.self)
    let answer: Answer
    do {
      answer = try JSON.decode(type, from: JSON.encode(value))
    } catch {
      throw .request(Failure(.faulty, "the answer to '\(method)' can't be understood", cause: error.message))
    }
    if isRaw { try printRaw(value) } else { try Terminal.print(render(answer, output.style)) }
    return answer
  }

  private var isRaw: Bool { output.output == .json || output.output == .yaml }

  private func printRaw(_ value: JSONValue) throws(CommandFailure) {
    try Terminal.print(output.output == .json ? JSONText.lines(value) : YAMLText.lines(value))
  }
}
