internal import Glibc

/// A process that this one started.
struct Child {
  let pid: pid_t

  /// Its words are paths or are looked up in PATH. Standard input is empty, standard output goes to `output` and
  /// the rest to `errors`, or where this process's goes. Signals and environment are as for a fresh login.
  init(_ words: [String], environment: [String: String] = [:], output: Int32? = nil, errors: Int32? = nil)
    throws
  {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    if let output { unsafe posix_spawn_file_actions_adddup2(&actions, output, 1) }
    if let errors { unsafe posix_spawn_file_actions_adddup2(&actions, errors, 2) }
    let all = Self.usual.merging(environment) { $1 }
    var arguments = unsafe words.map { unsafe strdup($0) } + [nil]
    var variables = unsafe all.map { unsafe strdup("\($0.key)=\($0.value)") } + [nil]
    defer { unsafe (arguments + variables).forEach { unsafe free($0) } }
    var pid: pid_t = 0
    let result = unsafe posix_spawnp(&pid, words[0], &actions, nil, &arguments, &variables)
    guard result == 0 else { throw NotMeasured("\(words[0]) can't be started: error \(result)") }
    self.pid = pid
  }

  /// All that it says is added to the file `log`.
  init(_ words: [String], log: String) throws {
    let file = unsafe open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    defer { _ = close(file) }
    try self.init(words, output: file, errors: file)
  }

  private static let usual = [
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "HOME": "/tmp",
    "SWIFT_BACKTRACE": "enable=no",
  ]

  /// Its exit status once it has ended; 128 and the signal's number for one that was killed.
  @discardableResult
  func wait() -> Int32 {
    var status: Int32 = 0
    while unsafe waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
  }

  func end() {
    kill(pid, SIGTERM)
    wait()
  }

  /// Of all its threads since it started, and of its children that have ended, in seconds.
  func cpuSeconds() throws -> Double {
    var clock: clockid_t = 0
    var time = timespec()
    guard unsafe clock_getcpuclockid(pid, &clock) == 0, unsafe clock_gettime(clock, &time) == 0 else {
      throw NotMeasured("process \(pid) is gone")
    }
    return try Double(time.tv_sec) + Double(time.tv_nsec) / 1e9 + childrenSeconds()
  }

  /// See cutime and cstime in proc(5): to a hundredth of a second.
  private func childrenSeconds() throws -> Double {
    let fields = try textOfFile("/proc/\(pid)/stat").split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 14, let user = Double(fields[13]), let system = Double(fields[14]) else {
      throw NotMeasured("/proc/\(pid)/stat can't be read")
    }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// A figure of /proc/PID/status, such as VmHWM, in KiB.
  func memory(_ name: String) throws -> Double {
    let lines = try textOfFile("/proc/\(pid)/status").split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix(name + ":") }),
      let value = line.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap({ Double($0) })
    else { throw NotMeasured("process \(pid) tells no \(name)") }
    return value
  }
}

/// Runs a command to its end and gives what it prints. Throws when it fails.
@discardableResult
func run(_ words: [String], environment: [String: String] = [:], timeout: Int = 120) throws -> String {
  var ends: [Int32] = [0, 0]
  guard unsafe pipe(&ends) == 0 else { throw NotMeasured("there is no pipe: error \(errno)") }
  _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
  _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
  let child: Child
  do {
    defer { _ = close(ends[1]) }
    child = try Child(
      ["timeout", "-k", "5", "\(timeout)"] + words, environment: environment, output: ends[1])
  }
  let text = textOf(ends[0])
  _ = close(ends[0])
  let status = child.wait()
  guard status == 0 else { throw NotMeasured("\(words.joined(separator: " ")): status \(status)\n\(text)") }
  return text
}

func textOfFile(_ path: String) throws -> String {
  let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
  guard file >= 0 else { throw NotMeasured("\(path) can't be read: error \(errno)") }
  defer { _ = close(file) }
  return textOf(file)
}

private func textOf(_ file: Int32) -> String {
  var bytes: [UInt8] = []
  var piece = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = unsafe read(file, &piece, piece.count)
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
    bytes += piece[..<count]
  }
}

func write(_ text: String, to path: String, appending: Bool = false) throws {
  let how = appending ? O_APPEND : O_TRUNC
  let file = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC | how, 0o644)
  guard file >= 0 else { throw NotMeasured("\(path) can't be written: error \(errno)") }
  defer { _ = close(file) }
  let bytes = Array(text.utf8)
  guard unsafe write(file, bytes, bytes.count) == bytes.count else {
    throw NotMeasured("\(path) can't be written")
  }
}

/// True as soon as `condition` is; false when the time is up.
func waitUntil(seconds: Double, _ condition: () throws -> Bool) rethrows -> Bool {
  let end = ContinuousClock.now + .seconds(seconds)
  while try !condition() {
    guard ContinuousClock.now < end else { return false }
    usleep(2000)
  }
  return true
}
