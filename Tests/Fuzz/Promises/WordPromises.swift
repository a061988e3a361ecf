import Model

@testable import CommandLine
@testable import Wire

/// The small languages in flags and files: TRES and their amounts, names, members, bindings. What is taken is
/// within its bounds and reads the same once it was written.
enum WordPromises {
  static func check(_ text: String) throws(Broken) {
    try checkAmounts(text)
    for tres in [TRES.cpu, .memory, .gpu] { try checkAmount(text, of: tres) }
    if let tres = try taken({ () throws(TRESError) in try TRES(text) }) {
      try promise(tres.name == text && text.utf8.count <= TRES.longestName, "\(tres) was made of \(text)")
    }
    try checkName(text, ProjectName.self)
    try checkName(text, ClusterName.self)
    try checkName(text, AccountName.self)
    try checkName(text, UserName.self)
    _ = try taken { () throws(NameError) in try ProjectEdit.Binding(parsing: text) }
    _ = try taken { () throws(ProjectEdit.MemberError) in try ProjectEdit.Member(parsing: text) }
  }

  /// What `read` makes of it; nil when it is refused, which must be in words.
  private static func taken<Value, Fault: Error & CustomStringConvertible>(
    _ read: () throws(Fault) -> Value
  ) throws(Broken) -> Value? {
    switch attempt(read) {
    case .success(let value): return value
    case .failure(let fault):
      try promise(
        (1...2000).contains(fault.description.utf8.count), "not words of a bounded length: \(fault)")
      return nil
    }
  }

  private static func checkAmounts(_ text: String) throws(Broken) {
    guard let amounts = try taken({ () throws(TRESError) in try TRESAmounts(parsing: text) }) else { return }
    try promise((1...TRESAmounts.most).contains(amounts.count), "\(amounts.count) TRES were taken")
    try promise(
      zip(amounts.names, amounts.names.dropFirst()).allSatisfy { $0 < $1 }, "\(amounts) is unsorted")
    let again = try? TRESAmounts(parsing: amounts.description)
    try promise(again?.description == amounts.description, "\(amounts) is not read as it is shown")
    try checkWire(amounts)
  }

  private static func checkAmount(_ text: String, of tres: TRES) throws(Broken) {
    guard let amount = try taken({ () throws(AmountError) in try Amount(parsing: text, of: tres) }) else {
      return
    }
    let shown = amount.text(of: tres)
    guard let again = try? Amount(parsing: shown, of: tres) else {
      throw Broken("\(amount) is shown as '\(shown)', which can't be read")
    }
    // Only parts of a kilobyte of memory are not shown, and upwards.
    let most = tres.isMemory ? amount.roundedUp(to: Amount(units: 1024)) : amount
    try promise(amount <= again && again <= most, "\(amount) is shown as \(shown)")
    try checkWire(amount)
    try promise(amount.roundedDown(to: tres.granule) <= amount, "\(amount) was rounded down to more")
    try promise(amount <= amount.roundedUp(to: tres.granule), "\(amount) was rounded up to less")
  }

  private static func checkName<Tag>(_ text: String, _ type: Name<Tag>.Type) throws(Broken) {
    guard let name = try taken({ () throws(NameError) in try Name<Tag>(text) }) else { return }
    try promise((1...Tag.longest).contains(text.utf8.count), "\(text) was taken as a \(Tag.kind)")
    try promise(text.utf8.allSatisfy { (0x21..<0x7F).contains($0) }, "\(text) was taken as a \(Tag.kind)")
    try promise(text.first != "-", "a \(Tag.kind) may not look like an option")
    try checkWire(name)
  }

  private static func checkWire<Value: Codable & Equatable>(_ value: Value) throws(Broken) {
    let written = JSON.encode(value)
    let again = attempt { () throws(Failure) in try JSON.decode(Value.self, from: written) }
    try promise((try? again.get()) == value, "\(value) was read again as \(again)")
  }
}
