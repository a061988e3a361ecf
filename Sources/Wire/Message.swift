/// A call's name for its answer.
package enum CallID: Hashable, Sendable {
  case integer(Int64)
  case string(String)
  case null

  static let longest = 256
}

/// One line of JSON-RPC 2.0, read. `Lines.swift` writes them.
package enum Message: Sendable {
  case request(id: CallID, method: String, parameters: Parameters)
  case notification(method: String, parameters: Parameters)
  case success(id: CallID, result: Parameters)
  case error(id: CallID, failure: Failure)

  private static let longestMethod = 128

  /// Fails as `malformed` where the line isn't JSON, and as `notARequest` where JSON-RPC has no such message.
  package init(parsing line: [UInt8]) throws(Failure) {
    let root = try JSONParser.parse(line)
    guard root.kind == .object else {
      throw Failure(
        .notARequest,
        root.kind == .array
          ? "batches are not taken: send one request a line"
          : "a request is an object, such as "
            + #"{"jsonrpc":"2.0","id":1,"method":"status.get"}"#)
    }
    guard let version = root.member("jsonrpc"), version.kind == .string, version.string == "2.0" else {
      throw Failure(.notARequest, #"jsonrpc must be "2.0""#)
    }
    let id = try Self.id(root.member("id"))
    if let method = root.member("method") {
      self = try Self.call(id: id, method: method, parameters: root.member("params"))
    } else if let error = root.member("error") {
      self = .error(id: id ?? .null, failure: try Self.failure(error))
    } else if let result = root.member("result") {
      self = .success(id: id ?? .null, result: Parameters(root: result))
    } else {
      throw Failure(.notARequest, "method is missing")
    }
  }

  private static func id(_ node: JSONNode?) throws(Failure) -> CallID? {
    guard let node else { return nil }
    switch node.kind {
    case .integer: return .integer(node.integer)
    case .null: return .null
    case .string:
      let text = node.string
      guard text.utf8.count <= CallID.longest else {
        throw Failure(.notARequest, "id: at most \(CallID.longest) bytes are taken")
      }
      return .string(text)
    default: throw Failure(.notARequest, "id: must be an integer, a string or null")
    }
  }

  private static func call(id: CallID?, method: JSONNode, parameters: JSONNode?) throws(Failure) -> Message {
    guard method.kind == .string else { throw Failure(.notARequest, "method: must be a string") }
    let name = method.string
    guard !name.isEmpty, name.utf8.count <= longestMethod else {
      throw Failure(.notARequest, "method: must have from 1 to \(longestMethod) bytes")
    }
    if let parameters, parameters.kind != .object {
      throw Failure(.notARequest, "params: must be an object with named fields")
    }
    let given = parameters.map { Parameters(root: $0) } ?? .none
    return id.map { .request(id: $0, method: name, parameters: given) }
      ?? .notification(method: name, parameters: given)
  }

  private static func failure(_ node: JSONNode) throws(Failure) -> Failure {
    do {
      return try Parameters(root: node).decode(ErrorObject.self).failure
    } catch {
      throw Failure(.notARequest, "error: \(error.message)")
    }
  }
}

/// JSON-RPC's `error`. The word in `data` is what programs should look at.
struct ErrorObject: Codable {
  struct Detail: Codable {
    var code: String?
    var cause: String?
  }

  var code: Int
  var message: String
  var data: Detail?

  init(_ failure: Failure) {
    code = failure.code.number
    message = failure.message
    data = Detail(code: failure.code.rawValue, cause: failure.cause)
  }

  /// A code that this release doesn't know is a fault of the other side.
  var failure: Failure {
    let known =
      data?.code.flatMap(FailureCode.init(rawValue:)) ?? FailureCode.allCases.first { $0.number == code }
    return Failure(known ?? .faulty, message, cause: data?.cause)
  }
}
