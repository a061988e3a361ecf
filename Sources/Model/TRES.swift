/// The name of a trackable resource, as Slurm writes it: `cpu`, `mem`, `node`, `billing`, `gres/gpu`,
/// `gres/gpu:a100`, `license/matlab`; and Sluice's own that count jobs: `jobs/running`, `jobs/submitted`, and one for each type of
/// job, such as `jobs/training`. Backends translate; nothing above them knows numeric ids.
package struct TRES: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let name: String

  package static let cpu = TRES(unchecked: "cpu")
  package static let memory = TRES(unchecked: "mem")
  package static let node = TRES(unchecked: "node")
  package static let billing = TRES(unchecked: "billing")
  package static let gpu = TRES(unchecked: "gres/gpu")

  /// Jobs that run at once (Slurm's GrpJobs), and those that run or wait (its GrpSubmitJobs).
  package static let runningJobs = TRES(unchecked: "jobs/running")
  package static let submittedJobs = TRES(unchecked: "jobs/submitted")

  package static let longestName = 128
  static let jobsPrefix = "jobs/"

  init(unchecked name: String) { self.name = name }

  package init(_ name: String) throws(TRESError) {
    guard name.utf8.count <= Self.longestName else { throw .nameTooLong }
    self.init(unchecked: name)
    guard Self.isPlain(name) || Self.isOfAKind(name) || jobType != nil else { throw .unknown(name) }
  }

  private static func isPlain(_ name: String) -> Bool {
    switch name {
    case "cpu", "mem", "node", "billing", "energy", "vmem", "pages", "jobs/running", "jobs/submitted": true
    default: false
    }
  }

  /// Such as `gres/gpu:a100`. Byte by byte: every submission has some of them.
  private static func isOfAKind(_ name: String) -> Bool {
    let bytes = name.utf8Span.span
    guard let slash = bytes.indices.first(where: { bytes[$0] == UInt8(ascii: "/") }) else { return false }
    let kind = bytes.extracting(..<slash)
    return
      (isWritten(kind, "gres") || isWritten(kind, "license") || isWritten(kind, "bb") || isWritten(kind, "fs")
      || isWritten(kind, "ic") || isWritten(kind, "interconnect"))
      && isWord(bytes.extracting((slash + 1)...))
  }

  private static func isWritten(_ bytes: Span<UInt8>, _ word: String) -> Bool {
    let word = word.utf8Span.span
    return bytes.count == word.count && bytes.indices.allSatisfy { bytes[$0] == word[$0] }
  }

  private static func isWord(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count > 0, bytes[0] != UInt8(ascii: ":"), bytes[bytes.count - 1] != UInt8(ascii: ":") else {
      return false
    }
    return bytes.indices.allSatisfy { index in
      switch bytes[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: ":"), UInt8(ascii: "@"):
        true
      default: false
      }
    }
  }

  package var isMemory: Bool { name == "mem" || name == "vmem" }

  /// Whether it counts jobs of every type.
  package var countsJobs: Bool { self == .runningJobs || self == .submittedJobs }

  /// The TRES that counts every type of this one: `gres/gpu` for `gres/gpu:a100`; nil when this has no type.
  package var untyped: TRES? {
    guard let colon = name.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    return TRES(unchecked: String(name[..<colon]))
  }

  /// The smallest step in which a native limit can move: a mebibyte for memory, one for all else.
  package var granule: Amount { isMemory ? Amount(units: 1 << 20) : Amount(units: 1) }

  package var description: String { name }
  @inlinable package static func == (left: TRES, right: TRES) -> Bool { left.name == right.name }
  package static func < (left: TRES, right: TRES) -> Bool { left.name < right.name }
}

package enum TRESError: Error, Equatable, CustomStringConvertible {
  case unknown(String)
  case nameTooLong
  case missingAmount(String)
  case amount(TRES, AmountError)
  case duplicate(TRES)
  case tooMany

  package var description: String {
    switch self {
    case .unknown(let name):
      "'\(name)' is not a TRES: use cpu, mem, node, billing, gres/NAME, gres/NAME:TYPE, license/NAME, "
        + "jobs/running, jobs/submitted, jobs/training, jobs/inference or jobs/workflow"
    case .nameTooLong: "a TRES name has at most \(TRES.longestName) bytes"
    case .missingAmount(let text): "'\(text.beginning)' needs an amount, as in cpu=8"
    case .amount(let tres, let error): "\(tres): \(error)"
    case .duplicate(let tres): "\(tres) is given twice"
    case .tooMany: "at most \(TRESAmounts.most) TRES can be given"
    }
  }
}

extension TRES: Codable {
  package init(from decoder: any Decoder) throws {
    let name = try decoder.singleValueContainer().decode(String.self)
    do {
      try self.init(name)
    } catch {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: error.description))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(name)
  }
}
