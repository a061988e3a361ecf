/// One page of a list. `nextCursor` goes into the next request's `cursor`; nil at the end.
package struct Page<Item: Codable & Sendable>: Codable, Sendable {
  package var items: [Item]
  package var nextCursor: String?

  package init(items: [Item], nextCursor: String? = nil) {
    self.items = items
    self.nextCursor = nextCursor
  }
}

/// How a list is asked for. `limit` is 1 to 1000, 100 when not said.
package struct PageRequest: Codable, Sendable {
  package static let most = 1000
  package static let usual = 100

  package var limit: Int?
  package var cursor: String?

  package init(limit: Int? = nil, cursor: String? = nil) {
    self.limit = limit
    self.cursor = cursor
  }
}

/// For methods that take nothing, and those that answer nothing but their success.
package struct Empty: Codable, Sendable {
  package init() {}
}
