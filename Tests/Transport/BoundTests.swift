import Foundation
import Synchronization
import Testing

@testable import Transport

@Suite struct BoundTests {
  /// Connects as another user, which takes root, and prints the first line that comes.
  private func firstLine(as uid: Int, holding connections: Int, _ folder: Folder) throws -> String {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
    process.arguments = [
      "--reuid", "\(uid)", "--regid", "\(uid)", "--clear-groups", "/usr/bin/env", "python3", "-c",
      """
      import socket, sys
      held = []
      for _ in range(int(sys.argv[2])):
          s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); held.append(s); s.settimeout(20)
          try: s.sendall(b'hello\\n')
          except OSError: pass
          line = s.makefile('rb').readline()
      print(line.decode().strip())
      """, folder.socket, "\(connections)",
    ]
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  @Test(.enabled(if: geteuid() == 0, "takes root to become another user"))
  func connectionsOfOneUserAreBounded() throws {
    let folder = try Folder()
    let echo = Echo()
    var limits = LineLimits()
    limits.mostConnectionsPerUser = 3
    let server = try LineServer(
      path: folder.socket, mode: 0o666, limits: limits, logger: quiet(), handler: echo)
    defer { server.stop() }
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
    #expect(try firstLine(as: 1234, holding: 3, folder) == "hello")
    #expect(echo.seen.opened.first?.uid == 1234)
    echo.wait("the three are freed") { $0.closed == 3 }
    let refused = "refused: at most 3 connections of one user are served at once: close some"
    #expect(try firstLine(as: 1234, holding: 4, folder) == refused)
    let own = try (0..<10).map { _ in try connect(folder) }
    try own[9].say("x\n")
    #expect(try own[9].hear() == "x")
  }

  @Test func allConnectionsAreBounded() throws {
    let folder = try Folder()
    var limits = LineLimits()
    limits.mostConnections = 5
    let echo = Echo()
    let server = try serve(folder, echo, limits: limits)
    defer { server.stop() }
    var clients = try (0..<5).map { _ in try connect(folder) }
    try clients[4].say("x\n")
    #expect(try clients[4].hear() == "x")
    let sixth = try connect(folder)
    #expect(try sixth.hear()?.hasPrefix("refused: at most 5 connections are served at once") == true)
    #expect(try sixth.hear() == nil)
    clients.removeLast().close()
    echo.wait("one is freed") { $0.closed == 1 }
    let again = try connect(folder)
    try again.say("y\n")
    #expect(try again.hear() == "y")
  }
}
