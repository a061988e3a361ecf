internal import Dispatch
internal import Glibc
package import Logging
package import Threads

/// What a server does with its clients' lines. Called on the server's one thread: it must not block.
package protocol LineHandler: AnyObject, Sendable {
  func opened(_ connection: LineConnection)
  /// A line, without its newline.
  func received(_ line: [UInt8], on connection: LineConnection)
  /// The client sends no more, but may still read: answer what is open, then `close()`.
  func ended(_ connection: LineConnection)
  /// The last line, with its newline, for a client that is turned away.
  func refusal(_ fault: LineFault) -> [UInt8]
  func closed(_ connection: LineConnection)
}

/// Serves lines on a Unix socket, on a thread of its own.
package final class LineServer: Sendable {
  package let path: String
  package let heartbeat = Heartbeat("the socket")
  private let poller: Poller
  private let isDone = DispatchGroup()

  /// From here on clients may connect. `mode` and `group` are the socket file's. Refused when another
  /// process serves the path; the file that a dead one left is replaced.
  package init(
    path: String, mode: UInt16 = 0o660, group: String? = nil, limits: LineLimits = LineLimits(),
    logger: Logger,
    handler: any LineHandler
  ) throws(TransportError) {
    self.path = path
    Self.raiseDescriptorLimit()
    poller = try Poller()
    let listener = try ListeningSocket(path: path, mode: mode, group: group)
    let loop = try LineLoop(
      listener: listener, poller: poller, limits: limits, logger: logger, handler: handler,
      heartbeat: heartbeat)
    // Not Dispatch's, which would take from its thread the priority that the process was given.
    isDone.enter()
    startThread({ loop.run() }, onceEnded: { [isDone] in isDone.leave() })
  }

  deinit { poller.call { $0.mustStop = true } }

  /// Closes every connection and removes the socket; returns when that is done. Not for use in a handler.
  package func stop() {
    poller.call { $0.mustStop = true }
    isDone.wait()
  }

  /// Many systems give 1024 descriptors unless asked for more.
  private static func raiseDescriptorLimit() {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    _ = unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
