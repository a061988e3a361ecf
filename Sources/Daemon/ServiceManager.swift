internal import Glibc
package import Logging
package import Threads

/// systemd, as sd_notify(3) and sd_watchdog_enabled(3) have it. Where no one set `NOTIFY_SOCKET` nobody is
/// told anything.
package struct ServiceManager: Sendable {
  private let path: String?
  private let socket = DatagramSocket()
  /// Seconds between two signs of life: half of what the manager waits for. Nil when it waits for none.
  let interval: Double?

  package init() {
    self.init { name in unsafe getenv(name).map { unsafe String(cString: $0) } }
  }

  /// - Parameter environment: the value of a variable, such as `NOTIFY_SOCKET`.
  init(environment: (String) -> String?) {
    path = environment("NOTIFY_SOCKET").flatMap { $0.isEmpty ? nil : $0 }
    interval = Self.interval(environment)
  }

  private static func interval(_ environment: (String) -> String?) -> Double? {
    guard let microseconds = environment("WATCHDOG_USEC").flatMap(UInt64.init), microseconds > 0
    else { return nil }
    // A process that inherited the variables from the one that is watched is not meant.
    if let pid = environment("WATCHDOG_PID"), Int32(pid) != getpid() { return nil }
    return Double(microseconds) / 2e6
  }

  /// It serves. `status` is what `systemctl status` shows, in words.
  package func tellReady(status: String) { tell("READY=1", status: status) }

  package func tellStopping(status: String) { tell("STOPPING=1", status: status) }

  /// Gives a sign of life as long as every heartbeat is young, on a thread of its own. When one is not, it says
  /// which, gives none, and leaves it to the manager to end the process.
  package func watch(_ heartbeats: [Heartbeat], logger: Logger) {
    guard path != nil, let interval else { return }
    // Loops beat once a second.
    let oldest = max(interval, 2)
    startThread {
      while true {
        if let stuck = heartbeats.first(where: { $0.age > oldest }) {
          logger.critical("\(stuck.name) does not go round", metadata: ["seconds": "\(Int(stuck.age))"])
          tell(status: "\(stuck.name) does not go round since \(Int(stuck.age)) s")
        } else {
          tell("WATCHDOG=1")
        }
        sleep(seconds: interval)
      }
    }
  }

  private func tell(_ assignment: String? = nil, status: String? = nil) {
    guard let path else { return }
    let line = status.map { "STATUS=\($0.replacing("\n", with: " "))" }
    _ = socket.send(Array([assignment, line].compactMap { $0 }.joined(separator: "\n").utf8), to: path)
  }
}
