/// The place of a write in the one order that all of Sluice's writes have: the term rises at each start of
/// sluiced, the sequence within a term. An agent refuses what is lower than it has seen.
package struct WriteNumber: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
  package let term: Int64
  package let sequence: Int64

  package init(term: Int64, sequence: Int64) {
    self.term = term
    self.sequence = sequence
  }

  package static func < (left: WriteNumber, right: WriteNumber) -> Bool {
    (left.term, left.sequence) < (right.term, right.sequence)
  }

  package var description: String { "\(term).\(sequence)" }
}
