/// The way to an agent's socket on another host: ssh(1) here, `sluice-slurm-agent dial` there.
package struct SSHCommand: Hashable, Sendable {
  package let host: String
  package let path: String
  /// An ssh_config(5) instead of the user's and the system's.
  package let configuration: String?

  /// The caller has seen to it that `host` is no option, and `path` nothing that a shell would read as
  /// anything but a word.
  package init(host: String, path: String, configuration: String?) {
    self.host = host
    self.path = path
    self.configuration = configuration
  }

  /// What no site may have otherwise.
  private static let options = [
    "BatchMode=yes", "StrictHostKeyChecking=yes",
    // A host that doesn't answer is given up, before and after the login.
    "ConnectTimeout=10", "ServerAliveInterval=5", "ServerAliveCountMax=3",
    // A shared connection would outlive the ssh that is ended here.
    "ControlPath=none", "ClearAllForwardings=yes",
  ]

  package var arguments: [String] {
    ["ssh"] + (configuration.map { ["-F", $0] } ?? []) + ["-T"] + Self.options.map { "-o\($0)" }
      + ["--", host, "sluice-slurm-agent", "dial", path]
  }
}

// Why it ended.
extension SSHCommand {
  /// A sentence with what to do about it; nil when there is nothing to tell, as when this side ended it.
  package func reason(of end: LineProcess.End) -> String? {
    guard end.isItsOwn else { return nil }
    let words = Self.telling(end.lastWords)
    if words.isEmpty, end.status == .exited(0) { return nil }
    let what = words.isEmpty ? "it \(end.status.text), and said nothing" : words
    return "ssh to \(host): \(what)" + (advice(on: end).map { ": \($0)" } ?? "")
  }

  private func advice(on end: LineProcess.End) -> String? {
    let words = end.lastWords
    if words.contains("HOST IDENTIFICATION HAS CHANGED") {
      return
        "replace its key in the known_hosts file if you know why it changed; else someone may stand between"
    }
    if words.contains("Host key verification failed") {
      return "compare its host key, and write it into the known_hosts file that this ssh reads"
    }
    if words.contains("Permission denied (") {
      return "write this side's public key into authorized_keys there, and see which key this ssh offers"
    }
    return end.status == .exited(127) ? "install sluice-slurm-agent there, in its PATH" : nil
  }

  /// ssh says what happened in its last line, and why in the one before. What another host wrote may have
  /// anything in it: control characters and excess are left out.
  private static func telling(_ text: String) -> String {
    let lines = text.split(whereSeparator: \.isNewline).map { line in
      String(
        String.UnicodeScalarView(line.unicodeScalars.filter { $0.properties.generalCategory != .control }))
    }
    // ssh frames its warnings with these.
    let plain = lines.filter { !$0.isEmpty && !$0.hasPrefix("@") && !$0.hasPrefix("*") }
    let telling = plain.suffix(2).map { $0.hasSuffix(".") ? String($0.dropLast()) : $0 }
    return String(telling.joined(separator: "; ").prefix(longestReason))
  }

  private static let longestReason = 400
}

extension LineProcess.End.Status {
  fileprivate var text: String {
    switch self {
    case .exited(let code): "ended with status \(code)"
    case .killed(let signal): "was ended by signal \(signal)"
    case .unknown: "ended"
    }
  }
}
