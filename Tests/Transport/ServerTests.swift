import Foundation
import Synchronization
import Testing

@testable import Transport

@Suite struct ServerTests {
  @Test func echoesAndKnowsThePeer() throws {
    let folder = try Folder()
    let echo = Echo()
    let server = try serve(folder, echo)
    let client = try connect(folder)
    try client.say("a\nb\n")
    #expect(try client.hear() == "a")
    #expect(try client.hear() == "b")
    for byte in "slow\n" { try client.say(String(byte)) }
    #expect(try client.hear() == "slow")
    let me = Peer(uid: geteuid(), gid: getegid(), pid: getpid())
    #expect(echo.seen.opened == [me])
    #expect(Peer(uid: 0, gid: 0, pid: 1).userName == "root")
    #expect(Peer(uid: 3_999_999_999, gid: 0, pid: 1).userName == nil)
    server.stop()
    #expect(try client.hear() == nil)
    #expect(!FileManager.default.fileExists(atPath: folder.socket))
    #expect(!FileManager.default.fileExists(atPath: folder.socket + ".lock"))
  }

  @Test func aLineBeyondTheBoundCostsNoOneElse() throws {
    let folder = try Folder()
    let echo = Echo()
    let server = try serve(folder, echo)
    defer { server.stop() }
    let other = try connect(folder)
    let client = try connect(folder)
    let piece = [UInt8](repeating: 120, count: 1 << 20)
    for _ in 0..<17 {
      try client.send(piece, timeout: 20)
      try other.say("still here\n")
      #expect(try other.hear() == "still here")
    }
    #expect(try client.hear() == "refused: a line has at most 16777216 bytes")
    try client.say("\n")
    #expect(try client.hear() == nil)
    echo.wait("the connection is freed") { $0.closed == 1 }
    try other.say("yes\n")
    #expect(try other.hear() == "yes")
  }

  @Test func halfALineCostsNothing() throws {
    let folder = try Folder()
    let server = try serve(folder, Echo())
    defer { server.stop() }
    let silent = try connect(folder)
    try silent.say(#"{"jsonrpc""#)
    let other = try connect(folder)
    try other.say("x\n")
    #expect(try other.hear() == "x")
    try silent.say(":\n")
    #expect(try silent.hear() == #"{"jsonrpc":"#)
  }

  @Test func manyIdleConnections() throws {
    let folder = try Folder()
    let echo = Echo()
    let server = try serve(folder, echo)
    defer { server.stop() }
    let clients = try (0..<1000).map { _ in try connect(folder) }
    try clients[999].say("last\n")
    #expect(try clients[999].hear() == "last")
    try clients[0].say("first\n")
    #expect(try clients[0].hear() == "first")
  }

  @Test func whoWaitsLongSleeps() throws {
    let folder = try Folder()
    let server = try serve(folder, Echo())
    defer { server.stop() }
    let client = try connect(folder)
    try client.say("a\n")
    #expect(try client.hear() == "a")
    var before = timespec()
    var after = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before)
    #expect(throws: TransportError.timedOut) { try client.receive(until: Deadline(after: 2), isSoon: true) }
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after)
    let used = Double(after.tv_sec - before.tv_sec) + Double(after.tv_nsec - before.tv_nsec) / 1e9
    #expect(used < 1)
  }

  @Test func aHalfClosedClientStillHears() throws {
    let folder = try Folder()
    let server = try serve(folder, Echo())
    defer { server.stop() }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "python3", "-c",
      """
      import socket, sys
      s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); s.sendall(b'one\\ntwo\\n')
      s.shutdown(socket.SHUT_WR)
      got = b''
      while (part := s.recv(100)): got += part
      sys.exit(0 if got == b'one\\ntwo\\n' else 1)
      """, folder.socket,
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  @Test func pausedLinesWait() throws {
    let folder = try Folder()
    let paused = Mutex<LineConnection?>(nil)
    let echo = Echo { line, connection in
      guard line == "pause" else { return false }
      connection.pauseReading()
      paused.withLock { $0 = connection }
      return true
    }
    let server = try serve(folder, echo)
    defer { server.stop() }
    let client = try connect(folder)
    try client.say("a\npause\nb\nc\n")
    #expect(try client.hear() == "a")
    echo.wait("the pause is seen") { $0.lines == 2 }
    #expect(throws: TransportError.timedOut) { try client.receive(timeout: 0.1) }
    #expect(echo.seen.lines == 2)
    paused.withLock { $0?.resumeReading() }
    #expect(try client.hear() == "b")
    #expect(try client.hear() == "c")
  }

  @Test func aClientThatDoesNotReadIsDropped() throws {
    let folder = try Folder()
    let echo = Echo()
    var limits = LineLimits()
    limits.mostUnsentBytes = 4 << 20
    let server = try serve(folder, echo, limits: limits)
    defer { server.stop() }
    let reader = try connect(folder)
    let lazy = try connect(folder)
    let line = [UInt8](repeating: 97, count: 1 << 20) + [10]
    #expect(throws: TransportError.closed) {
      for _ in 0..<100 { try lazy.send(line, timeout: 20) }
    }
    echo.wait("the lazy one is freed") { $0.closed == 1 }
    try reader.send(line, timeout: 20)
    #expect(try reader.receive(timeout: 20)?.count == 1 << 20)
  }

  @Test func unfinishedLinesOfOneUserAreBounded() throws {
    let folder = try Folder()
    var limits = LineLimits()
    limits.mostBufferedBytesPerUser = 3 << 20
    let server = try serve(folder, Echo(), limits: limits)
    defer { server.stop() }
    let clients = try (0..<4).map { _ in try connect(folder) }
    let piece = [UInt8](repeating: 97, count: 1 << 20)
    var refusals = 0
    for client in clients { try? client.send(piece, timeout: 20) }
    try? clients[3].send([97], timeout: 20)
    for client in clients {
      if let said = try? client.receive(timeout: 0.5) {
        refusals += 1
        #expect(String(decoding: said, as: UTF8.self).contains("at most 3145728 bytes"))
      }
    }
    #expect(refusals == 1)
  }

  @Test func closeWakesAReceiver() throws {
    let folder = try Folder()
    let echo = Echo()
    let server = try serve(folder, echo)
    defer { server.stop() }
    let client = try connect(folder)
    let closer = DispatchQueue(label: "closer")
    closer.async {
      usleep(50_000)
      client.close()
    }
    #expect(try client.receive(timeout: nil) == nil)
    #expect(throws: TransportError.closed) { try client.say("x\n") }
  }

  @Test func linesFromManyThreadsStayWhole() throws {
    let folder = try Folder()
    let target = Mutex<LineConnection?>(nil)
    let echo = Echo { _, connection in
      target.withLock { $0 = connection }
      return true
    }
    let server = try serve(folder, echo)
    defer { server.stop() }
    let client = try connect(folder)
    try client.say("me\n")
    echo.wait("the line came") { $0.lines == 1 }
    let connection = try #require(target.withLock { $0 })
    for index in 0..<4 {
      DispatchQueue(label: "sender").async {
        for _ in 0..<500 { connection.send([UInt8](repeating: UInt8(97 + index), count: 2000) + [10]) }
      }
    }
    for _ in 0..<2000 {
      let line = try #require(try client.receive(timeout: 20))
      #expect(line.count == 2000 && Set(line).count == 1)
    }
  }
}
