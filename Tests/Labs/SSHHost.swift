import Foundation
import Testing

/// A host `ctl` that ssh reaches: a real sshd on the loopback, with keys, settings and log in a folder of its own.
/// Its one key may run one command.
final class SSHHost: Sendable {
  let folder: String
  /// The ssh_config(5) that leads there.
  var config: String { "\(folder)/ssh_config" }

  /// - Parameter command: what a login runs, whatever was asked for.
  init(folder: String, command: String) throws {
    self.folder = folder
    let port = try Self.freePort()
    // sshd wants this folder for those who have not logged in yet; Debian's service makes it.
    try Command.succeed(["install", "-d", "-m", "755", "/run/sshd", folder])
    for name in ["host_key", "user_key", "other_key"] {
      try Command.succeed(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(folder)/\(name)"])
    }
    try write("authorized_keys", "restrict,command=\"\(command)\" \(try publicKey("user_key"))\n")
    try write("known_hosts", "[127.0.0.1]:\(port) \(try publicKey("host_key"))\n")
    try write("other_hosts", "[127.0.0.1]:\(port) \(try publicKey("other_key"))\n")
    try write(
      "sshd_config",
      """
      ListenAddress 127.0.0.1
      Port \(port)
      HostKey \(folder)/host_key
      AuthorizedKeysFile \(folder)/authorized_keys
      PermitRootLogin forced-commands-only
      PasswordAuthentication no
      KbdInteractiveAuthentication no
      UsePAM no
      StrictModes no
      PidFile \(folder)/sshd.pid

      """)
    try configure(port: port)
  }

  /// Writes the ssh_config anew, with another key or other known hosts.
  func configure(port: Int? = nil, key: String = "user_key", knownHosts: String = "known_hosts") throws {
    let port = try port ?? self.port()
    try write(
      "ssh_config",
      """
      Host ctl
        HostName 127.0.0.1
        Port \(port)
        User root
        IdentityFile \(folder)/\(key)
        IdentitiesOnly yes
        UserKnownHostsFile \(folder)/\(knownHosts)
        GlobalKnownHostsFile /dev/null

      """)
  }

  /// Returns when it listens. As a daemon: sshd closes what it inherits, by which Foundation tells whether a
  /// process still runs.
  func start() throws {
    try Command.succeed(["/usr/sbin/sshd", "-E", "\(folder)/sshd.log", "-f", "\(folder)/sshd_config"])
    guard waitUntil(seconds: 20, { self.sshd != nil }) else {
      throw CommandFailure(description: "sshd doesn't run: \(log)")
    }
  }

  var log: String { (try? String(contentsOfFile: "\(folder)/sshd.log", encoding: .utf8)) ?? "" }

  /// Those who are logged in or about to be: sshd has a process for each.
  var sessions: [Int32] { sshd.map { children(of: $0) } ?? [] }

  /// Ends sshd and its sessions, which would outlive it.
  func stop() {
    guard let sshd else { return }
    let sessions = sessions
    kill(sshd, SIGTERM)
    for session in sessions { kill(session, SIGKILL) }
    _ = waitUntil(seconds: 10) { !isRunning(sshd) }
  }

  /// It writes the file once it listens.
  private var sshd: Int32? {
    let text = try? String(contentsOfFile: "\(folder)/sshd.pid", encoding: .utf8)
    return text.flatMap { Int32($0.prefix { $0.isNumber }) }.flatMap { isRunning($0) ? $0 : nil }
  }

  private func port() throws -> Int {
    let text = try String(contentsOfFile: "\(folder)/sshd_config", encoding: .utf8)
    let line = text.split(separator: "\n").first { $0.hasPrefix("Port ") }
    return try #require(line.flatMap { Int($0.dropFirst(5)) })
  }

  private func publicKey(_ name: String) throws -> String {
    let text = try String(contentsOfFile: "\(folder)/\(name).pub", encoding: .utf8)
    return text.split(separator: " ").prefix(2).joined(separator: " ")
  }

  private func write(_ name: String, _ text: String) throws {
    try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8)
  }

  private static func freePort() throws -> Int {
    let code = "import socket; s = socket.socket(); s.bind(('127.0.0.1', 0)); print(s.getsockname()[1])"
    return try #require(Int(try Command.succeed(["python3", "-c", code]).lines[0]))
  }
}

/// A process's children, ended ones that no one waited for among them.
func children(of process: Int32) -> [Int32] {
  let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/task")) ?? []
  return threads.flatMap { thread in
    let path = "/proc/\(process)/task/\(thread)/children"
    return ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").split(separator: " ").compactMap {
      Int32($0)
    }
  }
}

/// False for a zombie.
func isRunning(_ process: Int32) -> Bool {
  guard let stat = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8) else { return false }
  return stat.split(separator: ")").last?.hasPrefix(" Z") == false
}
