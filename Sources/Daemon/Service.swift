package import ArgumentParser
internal import Glibc
internal import YAML

/// How a process ends. `configuration` is `EX_CONFIG` of sysexits(3), for all that someone must mend first:
/// systemd's `RestartPreventServiceExit=` keeps it from starting again what can't work.
package enum ServiceExit: Int32, Sendable {
  case ok = 0
  case failed = 1
  case usage = 2
  case configuration = 78
}

/// A start that is refused in words, because it would be refused again: someone has to act first.
package struct StartRefusal: Error, Sendable {
  package let message: String
  package init(_ message: String) { self.message = message }
}

package enum Service {
  /// Parses the arguments, runs the command, and ends the process with the status that fits.
  package static func main<Command: ParsableCommand>(_ type: Command.Type) -> Never {
    do {
      var command = try Command.parseAsRoot()
      try command.run()
      exit(ServiceExit.ok.rawValue)
    } catch {
      let ending = ending(of: error, of: type)
      write(ending.message, to: ending.status == .ok ? STDOUT_FILENO : STDERR_FILENO)
      exit(ending.status.rawValue)
    }
  }

  /// What to say about `error`, and the status to end with. Help and `--version` arrive as errors too.
  static func ending<Command: ParsableCommand>(
    of error: any Error, of type: Command.Type
  ) -> (message: String, status: ServiceExit) {
    if let fault = error as? YAMLFault { return ("\(fault)\n", .configuration) }
    if let refusal = error as? StartRefusal { return ("\(refusal.message)\n", .configuration) }
    let message = Command.fullMessage(for: error)
    let line = message.isEmpty || message.hasSuffix("\n") ? message : message + "\n"
    switch Command.exitCode(for: error) {
    case .success: return (line, .ok)
    case .validationFailure: return (line, .usage)
    default: return (line, .failed)
    }
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }
}
