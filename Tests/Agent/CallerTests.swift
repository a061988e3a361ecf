import Agent
import Foundation
import Testing
import Wire

@Suite struct CallerTests {
  @Test(.enabled(if: geteuid() == 0, "takes root to become another user"))
  func onlyThoseAllowedMayCall() throws {
    let lab = try Lab()
    let hello = #"{"jsonrpc":"2.0","id":1,"method":"agent.hello"}"#
    let stranger = try answer(to: hello, as: 54321, at: lab.socket)
    #expect(stranger.contains(#""code":"forbidden""#))
    #expect(stranger.contains("uid 54321 may not call this agent: it takes root and its own user"))
    let daemon = try answer(to: hello, as: 1, at: lab.socket)
    #expect(daemon.contains("user 'daemon' (uid 1) may not call"))
    lab.stop()
    try lab.start { $0.allowedUsers = ["daemon"] }
    #expect(try answer(to: hello, as: 1, at: lab.socket).contains(#""cluster":"memory""#))
    let other = try answer(to: hello, as: 54321, at: lab.socket)
    #expect(other.contains("it takes root, daemon and its own user"))
  }

  @Test func anAllowedUserMustExist() throws {
    let lab = try Lab()
    lab.stop()
    var settings = lab.settings()
    settings.allowedUsers = ["no-such-user"]
    let refused = failure { _ = try Lab.service(lab.backend, settings) }
    #expect(refused == Failure(.badParameters, "allow: there is no user 'no-such-user' on this host"))
  }
}
