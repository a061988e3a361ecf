// Each of these is a whole line, with its newline.
extension Message {
  package static func request(id: CallID, _ method: String, _ parameters: some Encodable) -> [UInt8] {
    line { writer in
      writer.key(verbatim: "id")
      id.write(to: writer)
      call(method, parameters, to: writer)
    }
  }

  package static func notification(_ method: String, _ parameters: some Encodable) -> [UInt8] {
    line { writer in call(method, parameters, to: writer) }
  }

  package static func success(id: CallID, _ result: some Encodable) -> [UInt8] {
    line { writer in
      writer.key(verbatim: "id")
      id.write(to: writer)
      writer.key(verbatim: "result")
      writer.value(result)
    }
  }

  package static func error(id: CallID, _ failure: Failure) -> [UInt8] {
    line { writer in
      writer.key(verbatim: "id")
      id.write(to: writer)
      writer.key(verbatim: "error")
      writer.value(ErrorObject(failure))
    }
  }

  private static func call(_ method: String, _ parameters: some Encodable, to writer: JSONWriter) {
    writer.key(verbatim: "method")
    writer.string(method)
    writer.key(verbatim: "params")
    writer.value(parameters)
  }

  private static func line(_ members: (JSONWriter) -> Void) -> [UInt8] {
    let writer = JSONWriter()
    writer.open(object: true)
    writer.key(verbatim: "jsonrpc")
    writer.string("2.0")
    members(writer)
    writer.close(to: 0)
    writer.raw("\n")
    return writer.bytes
  }
}

extension CallID {
  func write(to writer: JSONWriter) {
    switch self {
    case .integer(let value): writer.integer(value)
    case .string(let text): writer.string(text)
    case .null: writer.null()
    }
  }
}
