internal import Glibc

/// A whole file, within a bound.
enum FileBytes {
  static func read(path: String, name: String, most: Int) throws(YAMLFault) -> [UInt8] {
    let file = try OpenFile(path: path, name: name)
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try file.read(into: &chunk, name: name)
      guard count > 0 else { return bytes }
      guard bytes.count + count <= most else {
        throw YAMLFault(file: name, line: nil, message: "this is larger than \(most >> 20) MiB")
      }
      bytes += chunk[..<count]
    }
  }
}

private struct OpenFile: ~Copyable {
  private let descriptor: Int32

  init(path: String, name: String) throws(YAMLFault) {
    descriptor = path == "-" ? dup(STDIN_FILENO) : unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.fault(name) }
  }

  deinit { close(descriptor) }

  func read(into chunk: inout [UInt8], name: String) throws(YAMLFault) -> Int {
    while true {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count >= 0 { return count }
      guard errno == EINTR else { throw Self.fault(name) }
    }
  }

  private static func fault(_ name: String) -> YAMLFault {
    YAMLFault(
      file: name, line: nil, message: "this can't be read: \(unsafe String(cString: strerror(errno)))")
  }
}
