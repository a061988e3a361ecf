package import Model

/// Many large values by name, in the order in which they came. Each is changed where it lies: a Dictionary would move it out
/// and back for every change. Whoever has more than one thing to do with one looks up its place once.
package struct NameTable<Tag: NameTag, Value: Sendable>: Sendable {
  private var places: [Name<Tag>: Int] = [:]
  package private(set) var names: [Name<Tag>] = []
  private var values: [Value] = []

  /// A copy of the value of `name`.
  package subscript(name: Name<Tag>) -> Value? { places[name].map { values[$0] } }

  /// Where the value of `name` lies until the next one is removed.
  func place(of name: Name<Tag>) -> Int? { places[name] }

  /// Changes what lies at `place`, or looks at it, without a copy.
  mutating func update<Result>(at place: Int, _ change: (inout Value) -> Result) -> Result {
    change(&values[place])
  }

  /// Changes the value of `name`, or looks at it, without a copy. Nil when there is none.
  @discardableResult
  mutating func update<Result>(_ name: Name<Tag>, _ change: (inout Value) -> Result) -> Result? {
    guard let place = places[name] else { return nil }
    return change(&values[place])
  }

  /// Looks at the value of `name` where it lies.
  package func read<Result>(_ name: Name<Tag>, _ look: (Value) -> Result) -> Result? {
    places[name].map { look(values.span[$0]) }
  }

  /// Of a name that isn't there yet.
  mutating func append(_ value: Value, as name: Name<Tag>) {
    places[name] = values.count
    names.append(name)
    values.append(value)
  }

  mutating func remove(_ name: Name<Tag>) -> Value? {
    guard let place = places.removeValue(forKey: name) else { return nil }
    let removed = values[place]
    // The last one fills the gap.
    let last = (names.removeLast(), values.removeLast())
    if place < values.count {
      (names[place], values[place]) = last
      places[last.0] = place
    }
    return removed
  }
}
