import Foundation
import Model
import Testing
import Transport
import Wire

@testable import Coordinator

/// What one client does wrong, another must not notice.
@Suite struct HostileClientTests {
  private func answer(_ line: [UInt8], to service: Service) throws -> Failure {
    let client = try LineClient.connect(path: service.socket, timeout: 5)
    defer { client.close() }
    // The other side may close before all of it is sent.
    try? client.send(line, timeout: 20)
    let reply = try #require(try client.receive(timeout: 20))
    guard case .error(_, let failure) = try Message(parsing: reply) else {
      throw Failure(.faulty, "no error: \(String(decoding: reply.prefix(200), as: UTF8.self))")
    }
    return failure
  }

  private func isServing(_ service: Service) -> Bool {
    (try? service.call("status.get", Empty(), as: ServiceStatus.self)) != nil
  }

  @Test func linesThatAreNoneAreRefusedInWords() throws {
    let service = try Service()
    defer { service.remove() }
    defer { service.end() }
    let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
    let lines: [(String, [UInt8])] = [
      ("a 17 MiB line", [UInt8](repeating: UInt8(ascii: "a"), count: 17 << 20) + [10]),
      (
        "65 levels",
        Array("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status.get\",\"params\":{\"a\":\(deep)}}\n".utf8)
      ),
      (
        "invalid UTF-8",
        Array("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"".utf8) + [0xff, 0xfe] + Array("\"}\n".utf8)
      ),
      ("no JSON", Array("hello\n".utf8)),
    ]
    for (what, line) in lines {
      let failure = try answer(line, to: service)
      #expect(failure.code == .malformed, "\(what): \(failure)")
      #expect(!failure.message.isEmpty)
      #expect(isServing(service), "after \(what)")
    }
    #expect(try answer(Array("[]\n".utf8), to: service).code == .notARequest)
  }

  @Test func halfALineAndSilenceHoldsUpNobody() throws {
    let service = try Service()
    defer { service.remove() }
    defer { service.end() }
    let silent = try LineClient.connect(path: service.socket, timeout: 5)
    defer { silent.close() }
    try silent.send(Array("{\"jsonrpc\":\"2.0\",\"id\":1,".utf8), timeout: 5)
    #expect(isServing(service))
    try silent.send(Array("\"method\":\"status.get\"}\n".utf8), timeout: 5)
    #expect(try silent.receive(timeout: 5) != nil, "the other half is welcome at any time")
  }

  @Test func aThousandIdleConnectionsHoldUpNobody() throws {
    let service = try Service()
    defer { service.remove() }
    defer { service.end() }
    var idle: [LineClient] = []
    for _ in 0..<1000 { idle.append(try LineClient.connect(path: service.socket, timeout: 5)) }
    for _ in 0..<20 { #expect(isServing(service)) }
    for client in idle { client.close() }
    #expect(isServing(service))
  }
}
