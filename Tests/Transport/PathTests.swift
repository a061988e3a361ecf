import Foundation
import Testing

@testable import Transport

@Suite struct PathTests {
  private func failure(_ body: () throws -> LineServer) -> TransportError? {
    do {
      try body().stop()
      return nil
    } catch { return error as? TransportError }
  }

  @Test func aSecondServerIsRefused() throws {
    let folder = try Folder()
    let server = try serve(folder, Echo())
    #expect(failure { try serve(folder, Echo()) } == .alreadyServed(folder.socket))
    let client = try connect(folder)
    try client.say("x\n")
    #expect(try client.hear() == "x")
    server.stop()
    try serve(folder, Echo()).stop()
  }

  @Test func aServerThatAnswersWithoutTheLockIsLeftAlone() throws {
    let folder = try Folder()
    let server = try serve(folder, Echo())
    defer { server.stop() }
    try FileManager.default.removeItem(atPath: folder.socket + ".lock")
    #expect(failure { try serve(folder, Echo()) } == .alreadyServed(folder.socket))
    #expect(FileManager.default.fileExists(atPath: folder.socket))
  }

  @Test func aDeadServersSocketIsTakenOver() throws {
    let folder = try Folder()
    let address = try ListeningSocket.address(folder.socket)
    do {
      let dead = try ListeningSocket.open()
      let bound = unsafe withUnsafePointer(to: address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe bind(dead.number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
      }
      #expect(bound == 0)
    }
    #expect(throws: TransportError.notListening(folder.socket)) { try connect(folder) }
    let server = try serve(folder, Echo())
    defer { server.stop() }
    let client = try connect(folder)
    try client.say("x\n")
    #expect(try client.hear() == "x")
  }

  @Test func anotherFileIsNotTakenAway() throws {
    let folder = try Folder()
    try Data("precious".utf8).write(to: URL(fileURLWithPath: folder.socket))
    #expect(failure { try serve(folder, Echo()) } == .notASocket(folder.socket))
    #expect(try String(contentsOfFile: folder.socket, encoding: .utf8) == "precious")
  }

  @Test func modeAndGroup() throws {
    let folder = try Folder()
    let server = try LineServer(
      path: folder.socket, mode: 0o640, group: "root", logger: quiet(), handler: Echo())
    defer { server.stop() }
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.socket)
    #expect((attributes[.posixPermissions] as? Int) == 0o640)
    #expect(attributes[.groupOwnerAccountName] as? String == "root")
    let missing = failure {
      try LineServer(path: folder.path + "/t", group: "no-such-group", logger: quiet(), handler: Echo())
    }
    #expect(missing == .unknownGroup("no-such-group"))
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/t"))
  }

  @Test func pathsHaveABound() throws {
    let folder = try Folder()
    let fits = folder.path + "/" + String(repeating: "x", count: 107 - folder.path.utf8.count - 1)
    try LineServer(path: fits, logger: quiet(), handler: Echo()).stop()
    let long = fits + "x"
    #expect(
      failure { try LineServer(path: long, logger: quiet(), handler: Echo()) } == .pathTooLong(long))
    #expect(throws: TransportError.pathTooLong(long)) { try LineClient.connect(path: long, timeout: 1) }
    #expect("\(TransportError.pathTooLong(long))".contains("107 bytes"))
  }

  @Test func noOneThere() throws {
    let folder = try Folder()
    #expect(throws: TransportError.notListening(folder.socket)) { try connect(folder) }
    let nowhere = failure { try LineServer(path: "/no/such/folder/s", logger: quiet(), handler: Echo()) }
    #expect(nowhere.map { "\($0)" } == "open on /no/such/folder/s.lock failed: No such file or directory")
  }
}
