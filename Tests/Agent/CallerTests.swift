import Agent
import Foundation
import Testing
import Wire

@Suite struct CallerTests {
  /// What an agent answers to a call by another user, which takes root to become.
  private func answer(to request: String, as uid: Int, _ lab: Lab) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
    process.arguments = [
      "--reuid", "\(uid)", "--regid", "\(uid)", "--clear-groups", "/bin/sh", "-c",
      "echo '\(request)' | socat -t 20 - UNIX-CONNECT:\(lab.socket)",
    ]
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }

  @Test(.enabled(if: geteuid() == 0, "takes root to become another user"))
  func onlyThoseAllowedMayCall() throws {
    let lab = try Lab()
    let hello = #"{"jsonrpc":"2.0","id":1,"method":"agent.hello"}"#
    let stranger = try answer(to: hello, as: 54321, lab)
    #expect(stranger.contains(#""code":"forbidden""#))
    #expect(stranger.contains("uid 54321 may not call this agent: it takes root and its own user"))
    let daemon = try answer(to: hello, as: 1, lab)
    #expect(daemon.contains("user 'daemon' (uid 1) may not call"))
    lab.stop()
    try lab.start { $0.allowedUsers = ["daemon"] }
    #expect(try answer(to: hello, as: 1, lab).contains(#""cluster":"memory""#))
    let other = try answer(to: hello, as: 54321, lab)
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
