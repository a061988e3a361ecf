internal import CLinux
internal import Glibc
internal import Synchronization

/// A program that speaks lines over its standard streams: like a `LineClient`, with a process behind it. Whoever
/// starts one calls `end`; until then the process may be a zombie.
package final class LineProcess: Sendable {
  /// Its standard input and output.
  package let lines: LineClient
  package let id: Int32
  private let errors: ErrorTail
  private let state = Mutex(State())

  private struct State {
    var wasAsked = false
    var end: End?
  }

  /// How it ended.
  package struct End: Hashable, Sendable {
    package enum Status: Hashable, Sendable {
      case exited(Int32)
      case killed(signal: Int32)
      /// The system gave the status to someone else.
      case unknown
    }

    package let status: Status
    /// It was not this side that made it end.
    package let isItsOwn: Bool
    /// The last that it wrote to standard error.
    package let lastWords: String

    package init(status: Status, isItsOwn: Bool, lastWords: String) {
      self.status = status
      self.isItsOwn = isItsOwn
      self.lastWords = lastWords
    }
  }

  /// Seconds that one which was asked to end may still take.
  private static let patience = 2.0

  /// No shell sees the arguments; the first is the program, which is looked for in PATH. It starts in a process
  /// group of its own, so that a terminal's Ctrl-C is not for it, and with the signals that this process
  /// blocks or ignores as they are by default.
  package init(_ arguments: [String]) throws(TransportError) {
    let streams = try SocketPair()
    let words = try SocketPair()
    let id = try Self.spawn(arguments, streams: streams.far.number, errors: words.far.number)
    self.id = id
    errors = ErrorTail(words.near)
    lines = LineClient(socket: streams.near)
  }

  deinit { _ = end() }

  /// Ends the lines, which wakes whoever waits for one, and asks the program to end. Doesn't wait for it.
  package func close() {
    state.withLock { state in
      // Found out first: a program that ends as its lines do was made to end.
      let isRunning = state.end == nil && !hasExited()
      if isRunning { state.wasAsked = true }
      lines.close()
      if isRunning { kill(-id, SIGTERM) }
    }
  }

  /// Returns when the program and its process group have ended: by themselves within `patience` seconds, else
  /// because they were asked to, or killed.
  @discardableResult
  package func end(patience: Double = 0) -> End {
    if !waitForExit(seconds: patience) {
      close()
      _ = waitForExit(seconds: Self.patience)
    }
    return state.withLock { state in
      if let end = state.end { return end }
      // Until the program is waited for, no other process can get its number.
      if !hasExited() { state.wasAsked = true }
      lines.close()
      kill(-id, SIGKILL)
      let end = End(status: wait(), isItsOwn: !state.wasAsked, lastWords: errors.finish())
      state.end = end
      return end
    }
  }

  private func waitForExit(seconds: Double) -> Bool {
    let deadline = Deadline(after: seconds)
    while !hasExited() {
      guard !deadline.hasPassed else { return false }
      usleep(5000)
    }
    return true
  }

  /// Leaves it to be waited for.
  private func hasExited() -> Bool {
    var info = unsafe siginfo_t()
    let result = unsafe waitid(P_PID, id_t(id), &info, WEXITED | WNOHANG | WNOWAIT)
    // waitid(2): without such a process the call fails; while it runs, the signal's number is 0.
    return result != 0 ? errno == ECHILD : unsafe info.si_signo != 0
  }

  private func wait() -> End.Status {
    var status: Int32 = 0
    while unsafe waitpid(id, &status, 0) < 0 {
      guard errno == EINTR else { return .unknown }
    }
    let signal = status & 0x7f
    return signal == 0 ? .exited(status >> 8 & 0xff) : .killed(signal: signal)
  }
}

// Starting.
extension LineProcess {
  private static func spawn(
    _ arguments: [String], streams: Int32, errors: Int32
  ) throws(TransportError) -> Int32 {
    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    setUsualSignals(&attributes)
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, streams, STDIN_FILENO)
    unsafe posix_spawn_file_actions_adddup2(&actions, streams, STDOUT_FILENO)
    unsafe posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
    // Of this process's own none is inherited; it may have been started with others.
    unsafe posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1)
    let texts = unsafe arguments.map { unsafe strdup($0) } + [nil]
    defer { unsafe texts.forEach { unsafe free($0) } }
    var id: pid_t = 0
    let code = unsafe posix_spawnp(&id, arguments[0], &actions, &attributes, texts, linux_environment())
    guard code == 0 else {
      throw code == ENOENT
        ? .noProgram(arguments[0]) : .system(call: "posix_spawnp", path: arguments[0], code: code)
    }
    return id
  }

  private static func setUsualSignals(_ attributes: inout posix_spawnattr_t) {
    var none = sigset_t()
    var all = sigset_t()
    unsafe sigemptyset(&none)
    unsafe sigfillset(&all)
    unsafe posix_spawnattr_setsigmask(&attributes, &none)
    unsafe posix_spawnattr_setsigdefault(&attributes, &all)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
    unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
  }
}
