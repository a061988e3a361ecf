// Each of these is a whole line, with its newline.
extension Message {
  package static func request(id: CallID, _ method: String, _ parameters: some Encodable) -> [UInt8] {
    line { output in
      output.writer.key(verbatim: "id")
      id.write(to: &output.writer)
      call(method, parameters, to: output)
    }
  }

  package static func notification(_ method: String, _ parameters: some Encodable) -> [UInt8] {
    line { output in call(method, parameters, to: output) }
  }

  package static func success(id: CallID, _ result: some Encodable) -> [UInt8] {
    line { output in
      output.writer.key(verbatim: "id")
      id.write(to: &output.writer)
      output.writer.key(verbatim: "result")
      output.value(result)
    }
  }

  package static func error(id: CallID, _ failure: Failure) -> [UInt8] {
    line { output in
      output.writer.key(verbatim: "id")
      id.write(to: &output.writer)
      output.writer.key(verbatim: "error")
      output.value(ErrorObject(failure))
    }
  }

  private static func call(_ method: String, _ parameters: some Encodable, to output: JSONOutput) {
    output.writer.key(verbatim: "method")
    output.writer.string(method)
    output.writer.key(verbatim: "params")
    output.value(parameters)
  }

  private static func line(_ members: (JSONOutput) -> Void) -> [UInt8] {
    let output = JSONOutput()
    output.writer.open(object: true)
    output.writer.key(verbatim: "jsonrpc")
    output.writer.string("2.0")
    members(output)
    output.writer.close(to: 0)
    output.writer.raw("\n")
    return output.writer.bytes
  }
}

extension CallID {
  func write(to writer: inout JSONWriter) {
    switch self {
    case .integer(let value): writer.integer(value)
    case .string(let text): writer.string(text)
    case .null: writer.null()
    }
  }
}
