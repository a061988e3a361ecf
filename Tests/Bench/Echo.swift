internal import Glibc
internal import Threads

/// The least that a server on a Unix socket can do: a thread that blocks in read(2) and writes as many bytes as an
/// answer has.
final class Echo {
  private let near: Int32
  private let line: [UInt8]
  private let answered: Int
  private var answer: [UInt8]

  /// In bytes, at most 4096 of each.
  init(asked: Int, answered: Int) throws {
    var pair: [Int32] = [0, 0]
    guard unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0 else {
      throw NotMeasured("socketpair failed with error \(errno)")
    }
    near = pair[0]
    line = [UInt8](repeating: UInt8(ascii: "x"), count: asked - 1) + [UInt8(ascii: "\n")]
    self.answered = answered
    answer = [UInt8](repeating: 0, count: 4096)
    let far = pair[1]
    startThread { serve(far, answered: answered) }
  }

  func roundTrip() throws {
    guard unsafe write(near, line, line.count) == line.count else { throw NotMeasured("the echo broke") }
    var count = 0
    while count < answered {
      let more = unsafe answer.withUnsafeMutableBytes { unsafe read(near, $0.baseAddress, $0.count) }
      guard more > 0 else { throw NotMeasured("the echo broke") }
      count += more
    }
  }

  func stop() { _ = close(near) }
}

private func serve(_ socket: Int32, answered: Int) {
  var buffer = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(socket, $0.baseAddress, $0.count) }
    guard count > 0, unsafe write(socket, buffer, answered) == answered else { break }
  }
  _ = close(socket)
}
