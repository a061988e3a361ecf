internal import CSlurm
internal import Glibc
internal import Model

/// What the cluster has of each license, as `license/NAME`.
func readLicenses() throws(SlurmFault) -> [(tres: TRES, total: Amount)] {
  var message: UnsafeMutablePointer<license_info_msg_t>?
  errno = 0
  guard unsafe slurm_load_licenses(0, &message, UInt16(SHOW_ALL)) == 0, let message = unsafe message else {
    throw .last("read the licenses from slurmctld")
  }
  defer { unsafe slurm_free_license_info_msg(message) }
  var licenses: [(tres: TRES, total: Amount)] = []
  for index in 0..<Int(unsafe message.pointee.num_lic) {
    let record = unsafe message.pointee.lic_array[index]
    guard let name = unsafe text(record.name), let tres = try? TRES(slurm: "license/\(name)") else {
      continue
    }
    licenses.append((tres, Amount(units: Int64(unsafe record.total))))
  }
  return licenses
}
