internal import Model
internal import Wire

/// Small things in words.
enum Words {
  /// Text of someone else's, safe to show: nothing in it can move the cursor or start a line.
  static func visible(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      return text
    }
    return String(
      String.UnicodeScalarView(
        text.unicodeScalars.map { scalar in
          switch scalar {
          case "\n", "\t": " "
          case _ where scalar.properties.generalCategory == .control: "?"
          default: scalar
          }
        }))
  }

  /// Two units at most, such as `3d4h`; nothing finer than a second.
  static func duration(_ seconds: Double) -> String {
    let total = Int(min(max(0, seconds), 1e12))
    let (days, hours, minutes) = (total / 86_400, total / 3600 % 24, total / 60 % 60)
    if days > 0 { return hours > 0 ? "\(days)d\(hours)h" : "\(days)d" }
    if hours > 0 { return minutes > 0 ? "\(hours)h\(minutes)m" : "\(hours)h" }
    if minutes > 0 { return total % 60 > 0 ? "\(minutes)m\(total % 60)s" : "\(minutes)m" }
    return "\(total)s"
  }

  static func age(_ seconds: Double?) -> String { seconds.map(duration) ?? "never" }

  static func yesOrNo(_ answer: Bool?) -> String {
    switch answer {
    case true: "yes"
    case false: "no"
    case nil: "-"
    }
  }

  /// `1 project`, `2 projects`.
  static func count(_ number: Int, _ thing: String) -> String {
    "\(number) \(thing)\(number == 1 ? "" : "s")"
  }

  /// What a hole in the native limits is about, in a line.
  static func sentence(_ void: LimitVoid) -> String {
    let subject = [void.account.map { "account \($0)" }, void.tres.map { "\($0)" }].compactMap { $0 }
    let about = subject.isEmpty ? "" : "\(subject.joined(separator: ", ")): "
    return "\(about)\(void.reason) [\(void.kind.rawValue)]"
  }
}
