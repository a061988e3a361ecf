internal import Model
internal import Wire

/// The bounds of a page, checked.
struct PageBounds {
  let limit: Int
  let cursor: String?

  init(limit: Int?, cursor: String?) throws(Failure) {
    let limit = limit ?? PageRequest.usual
    guard (1...PageRequest.most).contains(limit) else {
      throw Failure(.badParameters, "limit: must be 1 to \(PageRequest.most), is \(limit)")
    }
    self.limit = limit
    self.cursor = cursor
  }

  /// A page of `names`, which are in order: those after the cursor that `make` makes something of.
  func page<Name: Comparable & CustomStringConvertible, Item>(
    of names: [Name], startingAt index: Int, make: (Name) -> Item?
  ) -> Page<Item> {
    var items: [Item] = []
    for position in index..<names.count {
      guard let item = make(names[position]) else { continue }
      items.append(item)
      if items.count == limit {
        let isLast = position == names.count - 1
        return Page(items: items, nextCursor: isLast ? nil : names[position].description)
      }
    }
    return Page(items: items)
  }
}

extension PageBounds {
  /// Where the page begins in `names`, which are in order: after the one that the cursor names, whether it
  /// is still there or not.
  func start<Tag>(in names: [Name<Tag>]) throws(Failure) -> Int {
    guard let cursor else { return 0 }
    guard let last = try? Name<Tag>(cursor) else {
      throw Failure(.badParameters, "cursor: not one that this service gave")
    }
    return names.partitionPoint { $0 <= last }
  }
}
