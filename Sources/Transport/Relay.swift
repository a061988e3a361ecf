internal import Glibc
internal import Threads

/// Passes lines between this process's standard streams and a socket, for whoever reaches this host by ssh.
package enum Relay {
  /// Returns when the socket's side has ended, or no one reads standard output any more, even if nothing comes
  /// for it. The end of standard input is passed on, and answers still come back after it.
  package static func run(path: String) throws(TransportError) {
    let client = try LineClient.connect(path: path, timeout: 10)
    startThread { sendInput(to: client) }
    startThread { closeWhenUnread(client) }
    while let line = try client.receive(timeout: nil) {
      guard write(line + [UInt8(ascii: "\n")]) else { return }
    }
  }

  private static func sendInput(to client: LineClient) {
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = unsafe read(STDIN_FILENO, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return client.endSending() }
      // The other side may take its time; when it is gone, `receive` ends.
      guard (try? client.send(Array(piece[..<count]), timeout: 1e9)) != nil else { return }
    }
  }

  /// Who doesn't answer the end of its input, such as an agent that is stopped, would keep this process for ever.
  private static func closeWhenUnread(_ client: LineClient) {
    // With no events asked for, poll(2) tells only that the other end is gone.
    var entry = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
    while unsafe poll(&entry, 1, -1) < 0, errno == EINTR {}
    client.close()
  }

  private static func write(_ line: [UInt8]) -> Bool {
    var rest = line[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}
