package import Model
package import Quota

/// What is decided, as the ledger keeps it. The state is the sum of its events.
package enum Event: Hashable, Codable, Sendable {
  // The large ones lie apart: most by far are a share's, and lists of events are copied as they grow.
  indirect case projectSet(Project, acceptsUnenforced: Bool)
  case projectDeleted(ProjectName)
  case share(ProjectName, ClusterName, ShareEvent)
  /// What the first borrows of the second. `was` is for whoever reads the ledger.
  indirect case loan(ProjectName, from: ProjectName, Loan, was: Loan)
  case drained(ClusterName, Bool)
  case termStarted(Int64)
}

/// What is to be done in the world. Idempotent: done again after a crash, it does no harm.
package enum Effect: Hashable, Sendable {
  /// Hand the agent a numbered write of these projects' shares; of none, for the number's sake.
  case write(ClusterName, WriteNumber, [ProjectName])
  /// Keep a number as that of the last write, whatever happens: those to come are above it.
  case fence(ClusterName, WriteNumber)
  /// Tell the agent anew which accounts to follow.
  case follow(ClusterName)
}

/// The outcome of one input.
package struct Step: Sendable {
  package var events: [Event] = []
  package var effects: [Effect] = []
  /// Projects about which something is to be decided, in the order they were touched.
  package var touched = TouchList<ProjectName>()
  /// Those that only look different now.
  package var noted = TouchList<ProjectName>()
  /// Clusters that may have something to be written.
  var writable = TouchList<ClusterName>()
}

/// Things in the order they came, each once.
package struct TouchList<Element: Hashable & Sendable>: Sendable {
  /// Most lists have no other: it needs no memory of its own.
  private var first: Element?
  private var others: [Element] = []
  /// Empty while there are few.
  private var known: Set<Element> = []

  package init() {}

  /// Of so many, a walk over them finds one sooner than a set would.
  private static var few: Int { 16 }

  package var isEmpty: Bool { first == nil }

  package mutating func insert(_ element: Element) {
    guard let first else { return self.first = element }
    if others.count < Self.few {
      if first != element, !others.contains(element) { others.append(element) }
      return
    }
    if known.isEmpty { known = Set(others) }
    if first != element, known.insert(element).inserted { others.append(element) }
  }
}

extension TouchList: Sequence {
  package struct Iterator: IteratorProtocol {
    private var first: Element?
    private var others: IndexingIterator<[Element]>

    fileprivate init(_ list: TouchList) {
      first = list.first
      others = list.others.makeIterator()
    }

    package mutating func next() -> Element? {
      if let element = first.take() { return element }
      return others.next()
    }
  }

  package func makeIterator() -> Iterator { Iterator(self) }
}

/// First in, first out, each at most once at a time.
struct WorkQueue<Element: Hashable & Sendable>: Sendable {
  private var elements: [Element] = []
  private var head = 0
  /// All that wait; empty while there were few.
  private var known: Set<Element> = []

  var isEmpty: Bool { head == elements.count }

  /// Of so many, a walk over them finds one sooner than a set would.
  private static var few: Int { 16 }

  mutating func push(_ element: Element) {
    if known.isEmpty, elements.count - head <= Self.few {
      if !elements[head...].contains(element) { elements.append(element) }
      return
    }
    if known.isEmpty { known = Set(elements[head...]) }
    if known.insert(element).inserted { elements.append(element) }
  }

  mutating func pop() -> Element? {
    guard head < elements.count else { return nil }
    let element = elements[head]
    head += 1
    if !known.isEmpty { known.remove(element) }
    // Moving the rest down costs as much as it gave back.
    if head * 2 > elements.count {
      elements.removeFirst(head)
      head = 0
    }
    return element
  }
}
