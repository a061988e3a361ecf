/// An amount for each of a few TRES, in order of their names. What is not there is not said, which is not
/// the same as zero: a limit that is absent is no limit.
package struct TRESAmounts: Hashable, Sendable {
  /// Bounds what one project, account or job can carry.
  package static let most = 64

  /// Most have a single entry, and it lies here: a share has ten such lists, and an array each would be ten
  /// pieces of memory to count, and to fetch.
  @usableFromInline var first: Entry?
  @usableFromInline var others: [Entry] = []

  @usableFromInline
  struct Entry: Hashable, Sendable {
    @usableFromInline let tres: TRES
    @usableFromInline var amount: Amount
  }

  package init() {}

  package init(_ pairs: some Sequence<(TRES, Amount)>) {
    for (tres, amount) in pairs { self[tres] = amount }
  }

  @inlinable package var isEmpty: Bool { first == nil }
  package var count: Int { first == nil ? 0 : 1 + others.count }
  package var names: [TRES] { map { $0.0 } }

  package subscript(tres: TRES) -> Amount? {
    @inlinable
    get {
      guard let first else { return nil }
      if first.tres == tres { return first.amount }
      // A handful of entries: a straight walk beats a search.
      for index in others.indices where others[index].tres == tres { return others[index].amount }
      return nil
    }
    set {
      guard let newValue else { return remove(tres) }
      guard let first else { return self.first = Entry(tres: tres, amount: newValue) }
      if first.tres == tres {
        self.first?.amount = newValue
      } else if tres < first.tres {
        others.insert(first, at: 0)
        self.first = Entry(tres: tres, amount: newValue)
      } else {
        let index = others.firstIndex { !($0.tres < tres) } ?? others.count
        if index == others.count {
          // What is written in order, as most is, needs no room made for it.
          others.append(Entry(tres: tres, amount: newValue))
        } else if others[index].tres == tres {
          others[index].amount = newValue
        } else {
          others.insert(Entry(tres: tres, amount: newValue), at: index)
        }
      }
    }
  }

  private mutating func remove(_ tres: TRES) {
    if first?.tres == tres {
      first = others.isEmpty ? nil : others.removeFirst()
    } else if let index = others.firstIndex(where: { $0.tres == tres }) {
      others.remove(at: index)
    }
  }

  /// The amount, or zero where none is said: for usage, where silence means none.
  @inlinable package func used(_ tres: TRES) -> Amount { self[tres] ?? .zero }

  package mutating func add(_ other: TRESAmounts) {
    for (tres, amount) in other { self[tres] = used(tres) + amount }
  }

  package mutating func subtract(_ other: TRESAmounts) {
    for (tres, amount) in other { self[tres] = used(tres) - amount }
  }

  /// Each amount `count` times; saturates.
  package func multiplied(by count: Int64) -> TRESAmounts {
    mapped { $1.multiplied(by: count) }
  }

  /// Of each TRES named in either, the larger amount.
  package func maximum(_ other: TRESAmounts) -> TRESAmounts {
    var result = self
    for (tres, amount) in other { result[tres] = Swift.max(used(tres), amount) }
    return result
  }

  /// Of each TRES named here, the smaller amount; what `other` doesn't name counts as zero there.
  package func minimum(_ other: TRESAmounts) -> TRESAmounts {
    mapped { Swift.min($1, other.used($0)) }
  }

  /// Of the same TRES, what `change` makes of each amount.
  package func mapped(_ change: (TRES, Amount) -> Amount) -> TRESAmounts {
    var result = self
    if let first { result.first?.amount = change(first.tres, first.amount) }
    for index in others.indices {
      result.others[index].amount = change(others[index].tres, others[index].amount)
    }
    return result
  }

  /// Only those TRES that `names` has.
  package func only(_ names: TRESAmounts) -> TRESAmounts {
    TRESAmounts(lazy.filter { names[$0.0] != nil })
  }
}

extension TRESAmounts: Sequence {
  package struct Iterator: IteratorProtocol {
    private let amounts: TRESAmounts
    private var place = 0

    fileprivate init(_ amounts: TRESAmounts) { self.amounts = amounts }

    package mutating func next() -> (TRES, Amount)? {
      guard let first = amounts.first, place <= amounts.others.count else { return nil }
      defer { place += 1 }
      let entry = place == 0 ? first : amounts.others[place - 1]
      return (entry.tres, entry.amount)
    }
  }

  package func makeIterator() -> Iterator { Iterator(self) }
}

extension TRESAmounts: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (TRES, Amount)...) { self.init(elements) }
}

// Slurm's notation, `cpu=8,mem=16G,gres/gpu:a100=4`.
extension TRESAmounts: CustomStringConvertible {
  package init(parsing text: String) throws(TRESError) {
    try self.init(parsing: text, as: Amount.init(parsing:of:))
  }

  /// - Parameter read: What an amount is written as.
  package init(
    parsing text: String, as read: (String, TRES) throws(AmountError) -> Amount
  ) throws(TRESError) {
    self.init()
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let tres = try TRES(String(sides[0]))
      guard sides.count == 2 else { throw .missingAmount(String(part)) }
      try insert(tres, parsing: String(sides[1]), as: read)
    }
  }

  /// Adds one TRES that must not be there yet.
  package mutating func insert(
    _ tres: TRES, parsing text: String,
    as read: (String, TRES) throws(AmountError) -> Amount = Amount.init(parsing:of:)
  ) throws(TRESError) {
    guard self[tres] == nil else { throw .duplicate(tres) }
    guard count < Self.most else { throw .tooMany }
    do {
      self[tres] = try read(text, tres)
    } catch {
      throw .amount(tres, error)
    }
  }

  package var description: String {
    map { tres, amount in "\(tres)=\(amount.text(of: tres))" }.joined(separator: ",")
  }
}

// On the wire: an object of numbers in base units.
extension TRESAmounts: Codable {
  package init(from decoder: any Decoder) throws {
    var amounts = TRESAmounts()
    try decoder.members { name, value in
      func fail(_ error: TRESError) -> DecodingError {
        .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: error.description))
      }
      let tres: TRES
      do throws(TRESError) {
        tres = try TRES(name)
      } catch {
        throw fail(error)
      }
      guard amounts.count < Self.most else { throw fail(.tooMany) }
      amounts[tres] = try Amount(from: value)
    }
    self = amounts
  }

  package func encode(to encoder: any Encoder) throws {
    try encoder.members { add in
      for (tres, amount) in self { add(tres.name, amount) }
    }
  }
}
