/// Values by name, always in the order of the names: a Dictionary's order differs from one process to
/// the next, and decisions must not. Public and inlinable: only so does the compiler specialise it in other
/// modules, without which the core would spend half its time in it.
public struct NameMap<Tag: NameTag, Value: Sendable>: Sendable {
  @usableFromInline var entries: [(name: Name<Tag>, value: Value)] = []

  @inlinable
  public init() {}

  @inlinable
  public var names: [Name<Tag>] { entries.map(\.name) }
  @inlinable
  public var count: Int { entries.count }
  @inlinable
  public var isEmpty: Bool { entries.isEmpty }

  @inlinable
  public subscript(name: Name<Tag>) -> Value? {
    get {
      let index = position(of: name)
      return isEntry(index, of: name) ? entries[index].value : nil
    }
    set {
      let index = position(of: name)
      switch (newValue, isEntry(index, of: name)) {
      case (let value?, true): entries[index].value = value
      case (let value?, false): entries.insert((name, value), at: index)
      case (nil, true): entries.remove(at: index)
      case (nil, false): break
      }
    }
  }

  /// Changes the value of `name` where it lies, without a copy. Nil when there is none.
  @inlinable
  @discardableResult
  public mutating func update<Result>(_ name: Name<Tag>, _ change: (inout Value) -> Result) -> Result? {
    let index = position(of: name)
    guard isEntry(index, of: name) else { return nil }
    return change(&entries[index].value)
  }

  /// Looks at the value of `name` where it lies, without a copy. Nil when there is none.
  @inlinable
  public func read<Result>(_ name: Name<Tag>, _ look: (Value) -> Result) -> Result? {
    let index = position(of: name)
    guard isEntry(index, of: name) else { return nil }
    return look(entries[index].value)
  }

  @inlinable
  func isEntry(_ index: Int, of name: Name<Tag>) -> Bool {
    index < entries.count && entries[index].name == name
  }

  /// The index of `name`, or where it would be inserted.
  @inlinable
  func position(of name: Name<Tag>) -> Int { entries.partitionPoint { $0.name < name } }
}

extension NameMap: Sequence {
  @inlinable
  public func makeIterator() -> IndexingIterator<[(name: Name<Tag>, value: Value)]> {
    entries.makeIterator()
  }
}

extension NameMap: ExpressibleByDictionaryLiteral {
  @inlinable
  public init(dictionaryLiteral elements: (Name<Tag>, Value)...) {
    for (name, value) in elements { self[name] = value }
  }
}

extension NameMap: Equatable where Value: Equatable {
  public static func == (left: NameMap, right: NameMap) -> Bool {
    left.entries.elementsEqual(right.entries) { $0.name == $1.name && $0.value == $1.value }
  }
}

extension NameMap: Hashable where Value: Hashable {
  public func hash(into hasher: inout Hasher) {
    for entry in entries {
      hasher.combine(entry.name)
      hasher.combine(entry.value)
    }
  }
}

// On the wire: an object.
extension NameMap: Decodable where Value: Decodable {
  public init(from decoder: any Decoder) throws {
    var map = NameMap()
    try decoder.members { name, value in
      let name = try Name<Tag>(decoding: name, at: decoder)
      // By the container, which has words of its own for a value that is none of its type's cases.
      map[name] = try value.singleValueContainer().decode(Value.self)
    }
    self = map
  }
}

extension NameMap: Encodable where Value: Encodable {
  public func encode(to encoder: any Encoder) throws {
    try encoder.members { add in
      for entry in entries { add(entry.name.text, entry.value) }
    }
  }
}
