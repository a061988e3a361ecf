import Model
import Testing
import Wire

@Suite struct MessageTests {
  private func failure(_ text: String) -> Failure? {
    do {
      _ = try Message(parsing: Array(text.utf8))
      return nil
    } catch { return error }
  }

  @Test(arguments: [CallID.integer(-7), .integer(.max), .string("a\"b"), .null])
  func requestsRoundTrip(_ id: CallID) throws {
    let line = Message.request(id: id, "quota.get", ProjectRequest(project: Samples.name("genomics")))
    #expect(line.last == UInt8(ascii: "\n") && line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
    guard case .request(let gotID, "quota.get", let parameters) = try Message(parsing: line) else {
      Issue.record("not read as a request")
      return
    }
    #expect(gotID == id)
    #expect(try parameters.decode(ProjectRequest.self).project.text == "genomics")
  }

  @Test func answersRoundTrip() throws {
    guard
      case .success(.integer(1), let result) = try Message(parsing: Message.success(id: .integer(1), [1, 2]))
    else {
      Issue.record("not read as a success")
      return
    }
    #expect(try result.decode([Int].self) == [1, 2])
    #expect(result.value == .array([.integer(1), .integer(2)]))
    for code in FailureCode.allCases {
      let sent = Failure(code, "what to do", cause: code == .faulty ? nil : "beneath")
      guard
        case .error(.string("x"), let failure) = try Message(parsing: Message.error(id: .string("x"), sent))
      else {
        Issue.record("not read as an error")
        return
      }
      #expect(failure == sent)
    }
  }

  @Test func notificationsRoundTrip() throws {
    guard
      case .notification("usage.changed", let parameters) = try Message(
        parsing: Message.notification("usage.changed", Samples.usage))
    else {
      Issue.record("not read as a notification")
      return
    }
    #expect(try parameters.decode(UsageView.self) == Samples.usage)
  }

  @Test func errorsHaveJSONRPCsShape() throws {
    let line = Message.error(id: .null, Failure(.unknownMethod, "no method 'x'"))
    let expected = #"{"jsonrpc":"2.0","id":null,"error":{"code":-32601,"message":"no method 'x'","#
    #expect(String(decoding: line, as: UTF8.self) == expected + #""data":{"code":"unknown_method"}}}"# + "\n")
  }

  @Test func foreignErrorsAreRead() throws {
    let line = #"{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"m"}}"#
    guard case .error(_, let failure) = try Message(parsing: Array(line.utf8)) else {
      Issue.record("not read as an error")
      return
    }
    #expect(failure == Failure(.unknownMethod, "m"))
  }

  @Test func parametersMayBeAbsent() throws {
    guard
      case .request(_, _, let parameters) = try Message(
        parsing: Array(#"{"jsonrpc":"2.0","id":1,"method":"m"}"#.utf8))
    else {
      Issue.record("not read as a request")
      return
    }
    #expect(try parameters.decode(PageRequest.self).limit == nil)
    #expect(parameters.value == .object([]))
  }

  @Test(arguments: [
    ("[]", "batches"), ("1", "object"), ("null", "object"), ("{}", "jsonrpc"),
    (#"{"jsonrpc":"1.0","id":1,"method":"m"}"#, "jsonrpc"),
    (#"{"jsonrpc":2.0,"id":1,"method":"m"}"#, "jsonrpc"),
    (#"{"jsonrpc":"2.0","id":1}"#, "method is missing"),
    (#"{"jsonrpc":"2.0","id":1,"method":5}"#, "method"),
    (#"{"jsonrpc":"2.0","id":1,"method":""}"#, "method"),
    (#"{"jsonrpc":"2.0","id":1.5,"method":"m"}"#, "id"),
    (#"{"jsonrpc":"2.0","id":{},"method":"m"}"#, "id"),
    (#"{"jsonrpc":"2.0","id":1,"method":"m","params":[1]}"#, "params"),
    (#"{"jsonrpc":"2.0","id":1,"method":"m","params":null}"#, "params"),
    (#"{"jsonrpc":"2.0","id":1,"error":{"message":"m"}}"#, "error: code is missing"),
  ])
  func refusedInWords(_ text: String, _ words: String) {
    let failure = failure(text)
    #expect(failure?.code == .notARequest)
    #expect(failure?.message.contains(words) == true)
  }

  @Test func longNamesAreRefused() {
    let name = String(repeating: "x", count: 300)
    #expect(failure(#"{"jsonrpc":"2.0","id":1,"method":"\#(name)"}"#)?.code == .notARequest)
    #expect(failure(#"{"jsonrpc":"2.0","id":"\#(name)","method":"m"}"#)?.code == .notARequest)
  }
}
