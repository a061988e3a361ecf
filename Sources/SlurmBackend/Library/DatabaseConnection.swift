internal import CSlurm
internal import Glibc

/// One connection to slurmdbd, for one thread. Closing it rolls back what was not committed. No call hangs for ever.
@safe
final class DatabaseConnection {
  let pointer: UnsafeMutableRawPointer
  private let port: UInt16?

  /// `port` is slurmdbd's; while it isn't known, nothing bounds a call but libslurm itself.
  init(port: UInt16?) throws(SlurmFault) {
    self.port = port
    let connection = unsafe boundingDatabase(port: port) {
      var flags: UInt16 = 0
      errno = 0
      return unsafe slurmdb_connection_get(&flags)
    }
    guard let connection = unsafe connection else { throw .last("connect to slurmdbd") }
    unsafe pointer = unsafe connection
  }

  deinit {
    boundingDatabase(port: port) {
      var connection: UnsafeMutableRawPointer? = unsafe pointer
      unsafe slurmdb_connection_close(&connection)
    }
  }

  /// The list that a query gives; its elements are `slurmdb_*_rec_t`.
  func query(
    _ doing: String, _ call: (UnsafeMutableRawPointer) -> sluice_list?
  ) throws(SlurmFault) -> SlurmList {
    let answer = unsafe boundingDatabase(port: port) {
      errno = 0
      return unsafe call(pointer)
    }
    guard let list = unsafe SlurmList(owning: answer) else { throw .last(doing) }
    return list
  }

  /// Adds or changes within the transaction that `commit` ends.
  func write(_ doing: String, _ call: (UnsafeMutableRawPointer) -> Int32) throws(SlurmFault) {
    let status = boundingDatabase(port: port) {
      errno = 0
      return unsafe call(pointer)
    }
    guard status != 0 else { return }
    let fault = SlurmFault.last(doing)
    if !fault.isNoChange { throw fault }
  }

  func commit() throws(SlurmFault) {
    guard end(true) != 0 else { return }
    throw .last("commit to slurmdbd")
  }

  func rollBack() { _ = end(false) }

  /// Whoever reads more than once must call this between: slurmdbd reads for one connection in one transaction, and its
  /// database then shows what was there at the first reading (MariaDB's REPEATABLE READ).
  func readAnew() { rollBack() }

  private func end(_ isCommit: Bool) -> Int32 {
    boundingDatabase(port: port) {
      errno = 0
      return unsafe slurmdb_connection_commit(pointer, isCommit)
    }
  }
}
