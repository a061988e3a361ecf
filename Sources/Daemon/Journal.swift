internal import Logging

/// systemd's journal by its native protocol (systemd.io, "Native Journal Protocol"): the metadata become fields
/// that `journalctl SLUICE_CLUSTER=alpha` can match.
struct Journal: Sendable {
  static let usualPath = "/run/systemd/journal/socket"
  private static let longestField = 4 << 10
  private static let mostFields = 32

  let path: String
  private let socket = DatagramSocket()

  func send(_ entry: LogEntry) -> DatagramSocket.Outcome { socket.send(Self.bytes(entry), to: path) }

  /// The datagram. The message has the metadata too, for those who just read.
  static func bytes(_ entry: LogEntry) -> [UInt8] {
    var bytes: [UInt8] = []
    append("MESSAGE", LogForm.cut(LogForm.text(entry), to: LogForm.longestLine), to: &bytes)
    append("PRIORITY", "\(entry.level.priority)", to: &bytes)
    append("SYSLOG_IDENTIFIER", entry.label, to: &bytes)
    for (key, value) in entry.metadata.sorted(by: { $0.key < $1.key }).prefix(mostFields) {
      append(fieldName(key), LogForm.cut(value.description, to: longestField), to: &bytes)
    }
    return bytes
  }

  /// Capitals, digits and underscores, 64 at most: journald drops a field with any other name.
  private static func fieldName(_ key: String) -> String {
    let letters = key.uppercased().utf8.map { byte in
      (48...57).contains(byte) || (65...90).contains(byte) ? byte : UInt8(ascii: "_")
    }
    return String(decoding: Array("SLUICE_".utf8) + letters.prefix(57), as: UTF8.self)
  }

  /// `NAME=value`, or with the value's length where the value has lines of its own.
  private static func append(_ name: String, _ value: String, to bytes: inout [UInt8]) {
    bytes += name.utf8
    if value.utf8.contains(UInt8(ascii: "\n")) {
      bytes.append(UInt8(ascii: "\n"))
      let count = UInt64(value.utf8.count)
      bytes += (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    } else {
      bytes.append(UInt8(ascii: "="))
    }
    bytes += value.utf8
    bytes.append(UInt8(ascii: "\n"))
  }
}
