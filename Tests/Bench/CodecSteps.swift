internal import Wire

/// What the codec takes for a call and its answer, each step by itself, over and over: in words, for a note.
func codecSteps<Request: Codable, Answer: Codable>(
  _ method: String, _ request: Request, _ answer: Answer
) throws -> String {
  let asked = try steps(Request.self) { Message.request(id: .integer(1), method, request) }
  let answered = try steps(Answer.self) { Message.success(id: .integer(1), answer) }
  return "the request is \(asked), the answer \(answered)"
}

private func steps<Value: Decodable>(_ type: Value.Type, write: () -> [UInt8]) throws -> String {
  let line = Array(write().dropLast())
  let parameters: Parameters
  switch try Message(parsing: line) {
  case .request(_, _, let read), .success(_, let read): parameters = read
  default: throw NotMeasured("the codec reads its own line as something else")
  }
  let written = microseconds { _ = write() }
  let parsed = try microseconds { _ = try Message(parsing: line) }
  let decoded = try microseconds { _ = try parameters.decode(type) }
  return "written in \(text(written)) us, parsed in \(text(parsed)) and decoded in \(text(decoded))"
}

/// The quickest of some rounds, since other load can only lengthen them.
private func microseconds(_ step: () throws -> Void) rethrows -> Double {
  let calls = 1000
  var best = Double.infinity
  for _ in 0..<21 {
    let start = ContinuousClock.now
    for _ in 0..<calls { try step() }
    best = min(best, (ContinuousClock.now - start) / .microseconds(calls))
  }
  return best
}
