internal import Glibc

/// What is measured at one go: peers run in the same minutes, so that other load weighs on both.
struct Measurement: Sendable {
  let figures: [Figure]
  /// The values in the order of `figures`. Throws in words when it can't be measured.
  let run: @Sendable () throws -> [Double]

  init(_ figures: [Figure], _ run: @escaping @Sendable () throws -> [Double]) {
    self.figures = figures
    self.run = run
  }
}

/// Why there is no figure.
struct NotMeasured: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// `only` is a figure's name, or what comes before a dot in it; nil takes all.
func isSelected(_ figure: Figure, by only: String?) -> Bool {
  guard let only else { return true }
  return figure.name == only || figure.name.hasPrefix(only + ".")
}

/// Prints a line for each figure that `only` selects; how many missed their limits.
func measure(_ measurements: [Measurement], only: String?) -> Int {
  var missed = 0
  for measurement in measurements where measurement.figures.contains(where: { isSelected($0, by: only) }) {
    let result = Result { try measurement.run() }
    for (index, figure) in measurement.figures.enumerated() where isSelected(figure, by: only) {
      switch result {
      case .success(let values):
        print("\(figure.name) \(text(values[index])) \(figure.unit) (\(figure.limit))")
        if !figure.limit.holds(values[index]) { missed += 1 }
      case .failure(let error):
        print("\(figure.name) not measured: \(error) (\(figure.limit))")
        missed += 1
      }
      _ = fflush(nil)
    }
  }
  return missed
}
