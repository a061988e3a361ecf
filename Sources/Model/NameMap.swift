/// Values by name, always in the order of the names: a Dictionary's order differs from one process to
/// the next, and decisions must not. Public and inlinable: only so does the compiler specialise it in other
/// modules, without which the core would spend half its time in it.
public struct NameMap<Tag: NameTag, Value: Sendable>: Sendable {
  /// In order; each one's value has the same place in `values`. Apart, so that a search touches no value.
  @usableFromInline var keys: [Name<Tag>] = []
  @usableFromInline var contents: [Value] = []

  @inlinable
  public init() {}

  @inlinable
  public var names: [Name<Tag>] { keys }
  @inlinable
  public var values: [Value] { contents }
  @inlinable
  public var count: Int { keys.count }
  @inlinable
  public var isEmpty: Bool { keys.isEmpty }

  @inlinable
  public subscript(name: Name<Tag>) -> Value? {
    get { index(of: name).map { contents[$0] } }
    set {
      let index = position(of: name)
      switch (newValue, isEntry(index, of: name)) {
      case (let value?, true): contents[index] = value
      case (let value?, false):
        keys.insert(name, at: index)
        contents.insert(value, at: index)
      case (nil, true):
        keys.remove(at: index)
        contents.remove(at: index)
      case (nil, false): break
      }
    }
  }

  /// Changes the value of `name` where it lies, without a copy. Nil when there is none.
  @inlinable
  @discardableResult
  public mutating func update<Result>(_ name: Name<Tag>, _ change: (inout Value) -> Result) -> Result? {
    guard let index = index(of: name) else { return nil }
    return change(&contents[index])
  }

  /// Looks at the value of `name` where it lies, without a copy. Nil when there is none.
  @inlinable
  public func read<Result>(_ name: Name<Tag>, _ look: (Value) -> Result) -> Result? {
    guard let index = index(of: name) else { return nil }
    return look(contents.span[index])
  }

  /// Among so few, to ask each whether it is the one is less work than to ask which way to go.
  @usableFromInline static var few: Int { 8 }

  @inlinable
  func index(of name: Name<Tag>) -> Int? {
    guard keys.count > Self.few else { return keys.firstIndex(of: name) }
    let index = position(of: name)
    return isEntry(index, of: name) ? index : nil
  }

  @inlinable
  func isEntry(_ index: Int, of name: Name<Tag>) -> Bool { index < keys.count && keys[index] == name }

  /// The index of `name`, or where it would be inserted.
  @inlinable
  func position(of name: Name<Tag>) -> Int { keys.partitionPoint { $0 < name } }
}

extension NameMap: Sequence {
  public struct Iterator: IteratorProtocol {
    @usableFromInline let map: NameMap
    @usableFromInline var place = 0

    @inlinable
    init(_ map: NameMap) { self.map = map }

    @inlinable
    public mutating func next() -> (name: Name<Tag>, value: Value)? {
      guard place < map.count else { return nil }
      defer { place += 1 }
      return (map.keys[place], map.contents[place])
    }
  }

  @inlinable
  public func makeIterator() -> Iterator { Iterator(self) }
  @inlinable
  public var underestimatedCount: Int { count }
}

extension NameMap: ExpressibleByDictionaryLiteral {
  @inlinable
  public init(dictionaryLiteral elements: (Name<Tag>, Value)...) {
    for (name, value) in elements { self[name] = value }
  }
}

extension NameMap: Equatable where Value: Equatable {
  public static func == (left: NameMap, right: NameMap) -> Bool {
    left.keys == right.keys && left.contents == right.contents
  }
}

extension NameMap: Hashable where Value: Hashable {
  public func hash(into hasher: inout Hasher) {
    hasher.combine(keys)
    hasher.combine(contents)
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
      for (name, value) in self { add(name.text, value) }
    }
  }
}
