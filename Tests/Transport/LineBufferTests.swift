import Testing

@testable import Transport

@Suite struct LineBufferTests {
  private func append(_ text: String, to buffer: inout LineBuffer) {
    unsafe Array(text.utf8).withUnsafeBytes { unsafe buffer.append($0) }
  }

  private func lines(_ buffer: inout LineBuffer) -> [String] {
    var result: [String] = []
    while case .line(let line) = buffer.next() { result.append(String(decoding: line, as: UTF8.self)) }
    return result
  }

  private func skip(_ buffer: inout LineBuffer) -> Bool { buffer.skipLine() }

  @Test func anyPiecesMakeTheSameLines() {
    let text = "one\n\ntwo two\nthree"
    for size in 1...text.utf8.count {
      var buffer = LineBuffer(longestLine: 100)
      var found: [String] = []
      var rest = Substring(text)
      while !rest.isEmpty {
        append(String(rest.prefix(size)), to: &buffer)
        rest = rest.dropFirst(size)
        found += lines(&buffer)
      }
      #expect(found == ["one", "", "two two"])
      #expect(buffer.count == 5)
    }
  }

  @Test func theBoundIsExact() {
    var buffer = LineBuffer(longestLine: 4)
    append("1234\n", to: &buffer)
    #expect(lines(&buffer) == ["1234"])
    append("12345\n", to: &buffer)
    guard case .tooLong = buffer.next() else {
      Issue.record("5 bytes were taken")
      return
    }
    #expect(skip(&buffer))
    append("1234", to: &buffer)
    guard case .unfinished = buffer.next() else {
      Issue.record("4 bytes without a newline were refused")
      return
    }
    append("5", to: &buffer)
    guard case .tooLong = buffer.next() else {
      Issue.record("5 bytes without a newline were taken")
      return
    }
    #expect(!skip(&buffer))
    #expect(buffer.count == 0)
    append("678\nab\n", to: &buffer)
    #expect(skip(&buffer))
    #expect(lines(&buffer) == ["ab"])
  }
}
