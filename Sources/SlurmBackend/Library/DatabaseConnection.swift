internal import CSlurm
internal import Glibc

/// One connection to slurmdbd, for one thread. Closing it rolls back what was not committed.
@safe
final class DatabaseConnection {
  let pointer: UnsafeMutableRawPointer

  init() throws(SlurmFault) {
    var flags: UInt16 = 0
    errno = 0
    guard let connection = unsafe slurmdb_connection_get(&flags) else {
      throw .last("connect to slurmdbd")
    }
    unsafe pointer = unsafe connection
  }

  deinit {
    var connection: UnsafeMutableRawPointer? = unsafe pointer
    unsafe slurmdb_connection_close(&connection)
  }

  /// The list that a query gives; its elements are `slurmdb_*_rec_t`.
  func query(
    _ doing: String, _ call: (UnsafeMutableRawPointer) -> sluice_list?
  ) throws(SlurmFault) -> SlurmList {
    errno = 0
    guard let list = unsafe SlurmList(owning: call(pointer)) else { throw .last(doing) }
    return list
  }

  /// Adds or changes within the transaction that `commit` ends.
  func write(_ doing: String, _ call: (UnsafeMutableRawPointer) -> Int32) throws(SlurmFault) {
    errno = 0
    guard unsafe call(pointer) != 0 else { return }
    let fault = SlurmFault.last(doing)
    if !fault.isNoChange { throw fault }
  }

  func commit() throws(SlurmFault) {
    errno = 0
    guard unsafe slurmdb_connection_commit(pointer, true) != 0 else { return }
    throw .last("commit to slurmdbd")
  }

  func rollBack() { _ = unsafe slurmdb_connection_commit(pointer, false) }
}
