import Foundation

/// A file system of its own size on a folder, so that it can be full.
struct SmallDisk {
  let folder: String

  /// - Parameter owner: user and group of its root.
  init(at folder: String, kilobytes: Int, owner: String) throws {
    self.folder = folder
    try Command.succeed(["mount", "-t", "tmpfs", "-o", "mode=755,size=\(kilobytes)k", "tmpfs", folder])
    try Command.succeed(["chown", "\(owner):\(owner)", folder])
  }

  private var ballast: String { "\(folder)/ballast" }

  /// Until not one more byte goes in.
  func fill() throws {
    _ = try Command.run(["dd", "if=/dev/zero", "of=\(ballast)", "bs=4k", "oflag=append", "conv=notrunc"])
  }

  func makeRoom() throws { try FileManager.default.removeItem(atPath: ballast) }

  /// Whoever uses it goes on with what is open.
  func unmount() { _ = try? Command.run(["umount", "-l", folder]) }
}
