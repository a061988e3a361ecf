@testable import Transport

/// Lines come out as they went in, whatever pieces they arrive in, and no more is kept than the limit. The
/// first byte says how long a line may be, the second how large the pieces are.
enum LinePromises {
  static func check(_ bytes: [UInt8]) throws(Broken) {
    guard bytes.count >= 2 else { return }
    let longest = Int(bytes[0] % 64)
    let pieceSize = Int(bytes[1] % 80) + 1
    let text = bytes[2...]
    var reader = Reader(longest: longest)
    var start = text.startIndex
    while start < text.endIndex {
      let end = min(start + pieceSize, text.endIndex)
      try reader.take(Array(text[start..<end]))
      start = end
    }
    let wanted = expected(text, longest: longest)
    try promise(reader.found == wanted, "lines of at most \(longest): \(reader.found), not \(wanted)")
  }

  enum Found: Equatable {
    case line([UInt8])
    case tooLong
  }

  /// What should be found, by splitting the whole text at once.
  private static func expected(_ text: ArraySlice<UInt8>, longest: Int) -> [Found] {
    let parts = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    var found = parts.dropLast().map { $0.count > longest ? Found.tooLong : .line(Array($0)) }
    if let rest = parts.last, rest.count > longest { found.append(.tooLong) }
    return found
  }

  private struct Reader {
    let longest: Int
    var buffer: LineBuffer
    var isSkipping = false
    var found: [Found] = []

    init(longest: Int) {
      self.longest = longest
      buffer = LineBuffer(longestLine: longest)
    }

    mutating func take(_ piece: [UInt8]) throws(Broken) {
      unsafe piece.withUnsafeBytes { unsafe buffer.append($0) }
      while true {
        if isSkipping {
          guard buffer.skipLine() else { break }
          isSkipping = false
        }
        switch buffer.next() {
        case .line(let line): found.append(.line(line))
        case .tooLong:
          found.append(.tooLong)
          isSkipping = true
        case .unfinished:
          return try promise(buffer.count <= longest, "\(buffer.count) bytes are kept, over \(longest)")
        }
      }
      try promise(buffer.count == 0, "\(buffer.count) bytes are kept of a line that is skipped")
    }
  }
}
