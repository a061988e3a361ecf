/// An amount for each of a few TRES, in order of their names. What is not there is not said, which is not
/// the same as zero: a limit that is absent is no limit.
package struct TRESAmounts: Hashable, Sendable {
  /// Bounds what one project, account or job can carry.
  package static let most = 64

  private var entries: [Entry]

  fileprivate struct Entry: Hashable, Sendable {
    let tres: TRES
    var amount: Amount
  }

  package init() { entries = [] }

  package init(_ pairs: some Sequence<(TRES, Amount)>) {
    entries = []
    for (tres, amount) in pairs { self[tres] = amount }
  }

  package var isEmpty: Bool { entries.isEmpty }
  package var count: Int { entries.count }
  package var names: [TRES] { entries.map(\.tres) }

  package subscript(tres: TRES) -> Amount? {
    get {
      let index = position(of: tres)
      return index < entries.count && entries[index].tres == tres ? entries[index].amount : nil
    }
    set {
      let index = position(of: tres)
      let isThere = index < entries.count && entries[index].tres == tres
      switch (newValue, isThere) {
      case (let amount?, true): entries[index].amount = amount
      case (let amount?, false) where index == entries.count:
        entries.append(Entry(tres: tres, amount: amount))
      case (let amount?, false): entries.insert(Entry(tres: tres, amount: amount), at: index)
      case (nil, true): entries.remove(at: index)
      case (nil, false): break
      }
    }
  }

  /// The amount, or zero where none is said: for usage, where silence means none.
  package func used(_ tres: TRES) -> Amount { self[tres] ?? .zero }

  private func position(of tres: TRES) -> Int {
    // A handful of entries: a straight walk beats a search.
    entries.firstIndex { !($0.tres < tres) } ?? entries.count
  }

  package mutating func add(_ other: TRESAmounts) {
    for (tres, amount) in other { self[tres] = used(tres) + amount }
  }

  package mutating func subtract(_ other: TRESAmounts) {
    for (tres, amount) in other { self[tres] = used(tres) - amount }
  }

  /// Each amount `count` times; saturates.
  package func multiplied(by count: Int64) -> TRESAmounts {
    TRESAmounts(
      map { tres, amount in
        let (product, overflow) = amount.milli.multipliedReportingOverflow(by: count)
        return (tres, overflow ? .unbounded : Amount(milli: product))
      })
  }

  /// Of each TRES named in either, the larger amount.
  package func maximum(_ other: TRESAmounts) -> TRESAmounts {
    var result = self
    for (tres, amount) in other { result[tres] = Swift.max(used(tres), amount) }
    return result
  }

  /// Of each TRES named here, the smaller amount; what `other` doesn't name counts as zero there.
  package func minimum(_ other: TRESAmounts) -> TRESAmounts {
    TRESAmounts(map { ($0.0, Swift.min($0.1, other.used($0.0))) })
  }

  /// Only those TRES that `names` has.
  package func only(_ names: TRESAmounts) -> TRESAmounts {
    var result = self
    result.entries.removeAll { names[$0.tres] == nil }
    return result
  }
}

extension TRESAmounts: Sequence {
  package struct Iterator: IteratorProtocol {
    private let entries: [Entry]
    private var place = 0

    fileprivate init(_ entries: [Entry]) { self.entries = entries }

    package mutating func next() -> (TRES, Amount)? {
      guard place < entries.count else { return nil }
      defer { place += 1 }
      return (entries[place].tres, entries[place].amount)
    }
  }

  package func makeIterator() -> Iterator { Iterator(entries) }
}

extension TRESAmounts: ExpressibleByDictionaryLiteral {
  package init(dictionaryLiteral elements: (TRES, Amount)...) { self.init(elements) }
}

// Slurm's notation, `cpu=8,mem=16G,gres/gpu:a100=4`.
extension TRESAmounts: CustomStringConvertible {
  package init(parsing text: String) throws(TRESError) {
    self.init()
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let tres = try TRES(String(sides[0]))
      guard sides.count == 2 else { throw .missingAmount(String(part)) }
      try insert(tres, parsing: String(sides[1]))
    }
  }

  /// Adds one TRES that must not be there yet.
  package mutating func insert(_ tres: TRES, parsing text: String) throws(TRESError) {
    guard self[tres] == nil else { throw .duplicate(tres) }
    guard count < Self.most else { throw .tooMany }
    do {
      self[tres] = try Amount(parsing: text, of: tres)
    } catch {
      throw .amount(tres, error)
    }
  }

  package var description: String {
    entries.map { "\($0.tres)=\($0.amount.text(of: $0.tres))" }.joined(separator: ",")
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
      for entry in entries { add(entry.tres.name, entry.amount) }
    }
  }
}
