internal import Model

/// What went wrong, as every edge tells it: a stable code for programs, a message a person can act on, and
/// what lay beneath. It travels in JSON-RPC's `error` object, the code as a word in `data.code`.
package struct Failure: Error, Hashable, Codable, Sendable, CustomStringConvertible {
  package let code: FailureCode
  package let message: String
  package let cause: String?

  package init(_ code: FailureCode, _ message: String, cause: String? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  package var description: String { cause.map { "\(message) (\($0))" } ?? message }
}

package enum FailureCode: String, Hashable, Codable, Sendable, CaseIterable {
  /// Not JSON, not UTF-8, too deep, or too long a line. -32700
  case malformed
  /// JSON, but not a JSON-RPC 2.0 request. -32600
  case notARequest = "not_a_request"
  /// -32601
  case unknownMethod = "unknown_method"
  /// A field is missing, of the wrong type, or out of its bounds; the message names it. -32602
  case badParameters = "bad_parameters"
  /// A fault of ours. -32603
  case faulty
  /// The caller's role doesn't allow the method. -32001
  case forbidden
  /// -32002
  case notFound = "not_found"
  /// The state doesn't allow it, such as an account that another project has. -32003
  case conflict
  /// A bound is reached: connections, requests in progress, queue. Try again later. -32004
  case overloaded
  /// Something behind this service can't be reached. -32005
  case unavailable
  /// A write numbered lower than one already seen. -32006
  case outdated
  /// The cap could be passed on a cluster, and the caller didn't accept that. -32007
  case unenforced

  /// JSON-RPC's number for it.
  package var number: Int {
    switch self {
    case .malformed: -32700
    case .notARequest: -32600
    case .unknownMethod: -32601
    case .badParameters: -32602
    case .faulty: -32603
    case .forbidden: -32001
    case .notFound: -32002
    case .conflict: -32003
    case .overloaded: -32004
    case .unavailable: -32005
    case .outdated: -32006
    case .unenforced: -32007
    }
  }
}
