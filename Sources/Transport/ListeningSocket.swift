internal import CLinux
internal import Glibc

/// Owns a Unix socket that listens, its file, and the lock beside it that keeps a second server away.
final class ListeningSocket: Sendable {
  let path: String
  let socket: FileDescriptor
  private let lock: PathLock
  private let inode: UInt64

  private static let backlog: Int32 = 512

  init(path: String, mode: UInt16, group: String?) throws(TransportError) {
    let address = try Self.address(path)
    self.path = path
    lock = try PathLock(path: path)
    try Self.clearStale(path, address)
    socket = try Self.open()
    let number = socket.number
    guard unsafe Self.withAddress(address, { unsafe linux_bind_unix(number, $0) }) == 0 else {
      throw .system("bind", path)
    }
    // No one can connect before listen(): until then the file may have any mode.
    do throws(TransportError) {
      inode = try Self.grant(path, mode: mode, group: group)
      guard listen(socket.number, Self.backlog) == 0 else { throw .system("listen", path) }
    } catch {
      _ = unsafe unlink(path)
      throw error
    }
  }

  deinit {
    if Self.inode(of: path) == inode { _ = unsafe unlink(path) }
  }

  static func address(_ path: String) throws(TransportError) -> sockaddr_un {
    var address = sockaddr_un()
    guard unsafe linux_unix_address(path, &address) == 0 else { throw .pathTooLong(path) }
    return address
  }

  static func withAddress<R>(_ address: sockaddr_un, _ body: (UnsafePointer<sockaddr_un>) -> R) -> R {
    unsafe withUnsafePointer(to: address) { unsafe body($0) }
  }

  static func open() throws(TransportError) -> FileDescriptor {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let number = Glibc.socket(AF_UNIX, type, 0)
    guard number >= 0 else { throw .system("socket") }
    return FileDescriptor(owning: number)
  }

  /// Takes away the file of a server that is gone; one that answers is left alone.
  private static func clearStale(_ path: String, _ address: sockaddr_un) throws(TransportError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else {
      guard errno == ENOENT else { throw .system("lstat", path) }
      return
    }
    guard unsafe linux_is_socket(&status) != 0 else { throw .notASocket(path) }
    let probe = try open()
    let answer = unsafe withAddress(address) { unsafe linux_connect_unix(probe.number, $0) }
    guard answer != 0, errno == ECONNREFUSED else { throw .alreadyServed(path) }
    guard unsafe unlink(path) == 0 else { throw .system("unlink", path) }
  }

  private static func grant(_ path: String, mode: UInt16, group: String?) throws(TransportError) -> UInt64 {
    if let group {
      guard let id = groupID(group) else { throw .unknownGroup(group) }
      guard unsafe chown(path, uid_t.max, id) == 0 else { throw .system("chown", path) }
    }
    guard unsafe chmod(path, mode_t(mode)) == 0 else { throw .system("chmod", path) }
    guard let inode = inode(of: path) else { throw .system("lstat", path) }
    return inode
  }

  private static func groupID(_ name: String) -> gid_t? {
    var buffer = [CChar](repeating: 0, count: 65536)
    var entry = unsafe group()
    var found: UnsafeMutablePointer<group>?
    guard unsafe getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0 else { return nil }
    return unsafe found?.pointee.gr_gid
  }

  private static func inode(of path: String) -> UInt64? {
    var status = stat()
    return unsafe lstat(path, &status) == 0 ? UInt64(status.st_ino) : nil
  }
}

/// Owns the exclusive lock on `PATH.lock`, and removes that file while it still holds it.
struct PathLock: ~Copyable, Sendable {
  private let path: String
  private let file: FileDescriptor

  /// Fails as `alreadyServed` when another process has it.
  init(path served: String) throws(TransportError) {
    let path = served + ".lock"
    // A holder that ends may remove the file between our open and our lock: then the lock is worth nothing,
    // and the next try finds or makes the new file. More than a few such rounds can't happen by chance.
    for _ in 0..<10 {
      let number = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      guard number >= 0 else { throw .system("open", path) }
      let file = FileDescriptor(owning: number)
      guard flock(file.number, LOCK_EX | LOCK_NB) == 0 else {
        throw errno == EWOULDBLOCK ? .alreadyServed(served) : .system("flock", path)
      }
      if Self.isSameFile(file.number, path) {
        self.path = path
        self.file = file
        return
      }
    }
    throw .alreadyServed(served)
  }

  deinit { _ = unsafe unlink(path) }

  private static func isSameFile(_ number: Int32, _ path: String) -> Bool {
    var open = stat()
    var named = stat()
    return unsafe fstat(number, &open) == 0 && stat(path, &named) == 0 && open.st_ino == named.st_ino
      && open.st_dev == named.st_dev
  }
}
