internal import CSlurm
internal import Model

// Slurm's plain values as Swift's: NO_VAL and INFINITE become nil, null becomes nil, 0 as a time becomes nil.

extension Int64 {
  init?(slurm value: UInt32) {
    guard value != sluice_no_val, value != sluice_infinite else { return nil }
    self = Int64(value)
  }

  init?(slurm value: UInt64) {
    guard value != sluice_no_val64, value != sluice_infinite64 else { return nil }
    self = Int64(clamping: value)
  }
}

extension Double {
  init?(slurm value: Double) {
    guard value.isFinite, value != Double(sluice_no_val), value != Double(sluice_infinite),
      value != Double(sluice_no_val64)
    else { return nil }
    self = value
  }
}

extension Timestamp {
  init?(slurm time: Int) {
    guard time > 0, time != Int(sluice_no_val), time != Int(sluice_infinite) else { return nil }
    self.init(seconds: Int64(time))
  }
}

/// The text at `pointer`; nil when it is null or empty.
func text(_ pointer: UnsafePointer<CChar>?) -> String? {
  guard let pointer = unsafe pointer else { return nil }
  let text = unsafe String(cString: pointer)
  return text.isEmpty ? nil : text
}

func text(_ pointer: UnsafeMutablePointer<CChar>?) -> String? { unsafe text(UnsafePointer(pointer)) }

/// "22.05.8", from a number as `slurm_api_version` gives it.
func releaseText(_ version: Int) -> String {
  let version = UInt32(truncatingIfNeeded: version)
  let minor = sluice_version_minor(version)
  return "\(sluice_version_major(version)).\(minor < 10 ? "0" : "")\(minor).\(sluice_version_micro(version))"
}
