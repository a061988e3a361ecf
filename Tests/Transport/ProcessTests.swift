import Foundation
import Testing

@testable import Transport

@Suite struct ProcessTests {
  @Test func linesGoThroughAProgramAndBack() throws {
    let others = children()
    let process = try LineProcess(["cat"])
    try process.lines.say("one\ntwo\n")
    #expect(try process.lines.hear() == "one")
    #expect(try process.lines.hear() == "two")
    let end = process.end()
    #expect(!end.isItsOwn)
    #expect(process.end() == end, "asked again, it says the same")
    #expect(children().subtracting(others).isEmpty)
  }

  @Test func whatItSaidAtTheEndIsKnown() throws {
    let process = try LineProcess(["sh", "-c", "echo answer; echo why >&2; exit 7"])
    #expect(try process.lines.hear() == "answer")
    #expect(try process.lines.hear() == nil)
    let end = process.end(patience: 20)
    #expect(end == LineProcess.End(status: .exited(7), isItsOwn: true, lastWords: "why\n"))
  }

  @Test func onlyTheLastWordsAreKeptAndNoneHoldItUp() throws {
    let process = try LineProcess(["sh", "-c", "yes 'so many words' | head -c 1000000 >&2; echo last >&2"])
    #expect(try process.lines.hear() == nil)
    let words = process.end(patience: 20).lastWords
    #expect(words.utf8.count == ErrorTail.mostBytes)
    #expect(words.hasSuffix("last\n"))
  }

  /// Signals that this process blocks or ignores, its descriptors and its process group are not for it.
  @Test func itInheritsNothing() throws {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGTERM)
    unsafe sigaddset(&signals, SIGINT)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    let before = signal(SIGPIPE, SIG_IGN)
    defer {
      unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
      signal(SIGPIPE, before)
    }
    let folder = try Folder()
    let server = try serve(folder, Echo())
    defer { server.stop() }
    let client = try connect(folder)
    let process = try LineProcess(["cat"])
    defer { process.end() }
    try process.lines.say("up\n")
    #expect(try process.lines.hear() == "up")
    #expect(try status("SigBlk", of: process) == 0)
    // The C library's own two, 32 and 33, are not for sigaction(2).
    #expect(try status("SigIgn", of: process) & 0x7fff_ffff == 0)
    let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process.id)/fd").sorted()
    #expect(open == ["0", "1", "2"])
    #expect(getpgid(process.id) == process.id)
    client.close()
  }

  @Test func closeWakesWhoWaitsAndEndsIt() throws {
    let process = try LineProcess(["sleep", "1000"])
    DispatchQueue(label: "closer").async {
      usleep(50_000)
      process.close()
    }
    #expect(try process.lines.receive(timeout: nil) == nil)
    let end = process.end(patience: 20)
    #expect(end == LineProcess.End(status: .killed(signal: SIGTERM), isItsOwn: false, lastWords: ""))
  }

  @Test func oneThatIsStoppedOrDeafIsKilledWithWhatItStarted() throws {
    let stopped = try LineProcess(["cat"])
    kill(stopped.id, SIGSTOP)
    let stopDeadline = Deadline(after: 20)
    while !isStopped(stopped.id), !stopDeadline.hasPassed { usleep(1000) }
    #expect(stopped.end().status == .killed(signal: SIGKILL))

    let deaf = try LineProcess(["sh", "-c", "trap '' TERM; sleep 1000 & echo $!; wait; wait"])
    let grandchild = try #require(try deaf.lines.hear().flatMap { Int32($0) })
    #expect(deaf.end().status == .killed(signal: SIGKILL))
    // Where no init waits for orphans it stays as a zombie: ended all the same.
    let deadline = Deadline(after: 20)
    while isRunning(grandchild), !deadline.hasPassed { usleep(5000) }
    #expect(!isRunning(grandchild))
  }

  @Test func oneThatIsForgottenIsEnded() throws {
    var process: LineProcess? = try LineProcess(["sleep", "1000"])
    let id = try #require(process?.id)
    process = nil
    #expect(!isRunning(id))
  }

  @Test func aProgramThatIsNotThereIsSaidSo() throws {
    let fault = #expect(throws: TransportError.noProgram("no-such-ssh")) {
      try LineProcess(["no-such-ssh"])
    }
    #expect(fault.map { "\($0)" } == "'no-such-ssh' is not installed on this host, or not in PATH")
  }

  @Test func fiftyFailedDialsLeaveNothing() throws {
    let folder = try Folder()
    let config = folder.path + "/ssh_config"
    // A port where no one listens: this socket has it, and doesn't.
    let held = try ClosedPort()
    try "Host *\n  HostName 127.0.0.1\n  Port \(held.number)\n".write(
      toFile: config, atomically: true, encoding: .utf8)
    let command = SSHCommand(host: "ctl", path: "/run/agent.sock", configuration: config)
    let before = try descriptors()
    let others = children()
    for _ in 0..<50 {
      let process = try LineProcess(command.arguments)
      try? process.lines.say("hello\n")
      _ = try process.lines.receive(timeout: 20)
      let reason = command.reason(of: process.end(patience: 20))
      #expect(reason == "ssh to ctl: ssh: connect to host 127.0.0.1 port \(held.number): Connection refused")
      #expect(throws: TransportError.noProgram("no-such-ssh")) { try LineProcess(["no-such-ssh"]) }
    }
    #expect(try descriptors() == before)
    #expect(children().subtracting(others).isEmpty)
  }

  /// A set of signals, as bits.
  private func status(_ name: String, of process: LineProcess) throws -> UInt64 {
    let text = try String(contentsOfFile: "/proc/\(process.id)/status", encoding: .utf8)
    let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
    return try #require(line.flatMap { UInt64($0.suffix(16), radix: 16) })
  }

  private func descriptors() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
  }

  /// Also those that ended and no one waited for. Other tests of this process may have some of their own.
  private func children() -> Set<Substring> {
    let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    return Set(
      threads.flatMap { thread in
        let path = "/proc/self/task/\(thread)/children"
        return ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: " ")
      })
  }

  private func isRunning(_ id: Int32) -> Bool { ![nil, "Z"].contains(letter(of: id)) }
  private func isStopped(_ id: Int32) -> Bool { letter(of: id) == "T" }

  /// The process's state, as proc(5) has it; nil when there is none.
  private func letter(of id: Int32) -> Character? {
    let stat = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
    return stat?.split(separator: ")").last?.dropFirst().first
  }
}

/// A port of the loopback that is taken, so that no one else gets it, and refuses connections.
private final class ClosedPort {
  let number: UInt16
  private let socket: Int32

  init() throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = socket
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(socket, $0, length) == 0 ? unsafe getsockname(socket, $0, &length) : -1
      }
    }
    try #require(result == 0)
    number = UInt16(bigEndian: address.sin_port)
  }

  deinit { close(socket) }
}
