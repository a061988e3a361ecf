/// One number that `make bench` prints, and what it may be.
struct Figure: Sendable {
  /// Dotted, widest group first, such as `agent.first_view.cpu_ratio`.
  let name: String
  let unit: String
  let limit: Limit

  init(_ name: String, _ unit: String, _ limit: Limit) {
    self.name = name
    self.unit = unit
    self.limit = limit
  }
}

enum Limit: Sendable, CustomStringConvertible {
  case atMost(Double)
  case atLeast(Double)

  func holds(_ value: Double) -> Bool {
    switch self {
    case .atMost(let limit): value <= limit
    case .atLeast(let limit): value >= limit
    }
  }

  var description: String {
    switch self {
    case .atMost(let limit): "at most \(text(limit))"
    case .atLeast(let limit): "at least \(text(limit))"
    }
  }
}

/// Three significant digits below 1000, whole numbers from there.
func text(_ value: Double) -> String {
  guard value.isFinite, abs(value) < 1000 else {
    return value.isFinite ? "\(Int(value.rounded()))" : "\(value)"
  }
  var scale = 1.0
  while scale < 1e6, abs(value) * scale < 100, value != 0 { scale *= 10 }
  let rounded = (value * scale).rounded() / scale
  return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
}
