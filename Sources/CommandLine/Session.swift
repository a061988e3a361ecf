internal import RPC
internal import Wire

/// A verb's conversation with sluiced.
struct Session {
  private let client: RPCClient
  private let timeout: Double

  init(_ options: ConnectionOptions) throws(CommandFailure) {
    do {
      client = try RPCClient.connect(path: options.path, timeout: options.timeout)
    } catch {
      throw .unreachable(error)
    }
    timeout = options.timeout
  }

  func call<Answer: Decodable>(
    _ method: String, _ parameters: some Encodable, as type: Answer.Type
  ) throws(CommandFailure) -> Answer {
    do {
      return try client.call(method, parameters, as: type, timeout: timeout)
    } catch {
      throw .request(error)
    }
  }

  /// Every item of a list, or the first `most`. `parameters` makes the request for each page.
  func items<Item: Codable & Sendable>(
    _ method: String, most: Int = .max, as type: Item.Type,
    _ parameters: (_ limit: Int, _ cursor: String?) -> some Encodable
  ) throws(CommandFailure) -> [Item] {
    var items: [Item] = []
    var cursor: String?
    while items.count < most {
      let limit = min(PageRequest.most, most - items.count)
      let page = try call(method, parameters(limit, cursor), as: Page<Item>.self)
      items += page.items.prefix(most - items.count)
      guard let next = page.nextCursor else { break }
      guard next != cursor else {
        throw .request(Failure(.faulty, "the pages of '\(method)' don't end: the same cursor came twice"))
      }
      cursor = next
    }
    return items
  }

  func nextNotification(timeout: Double) throws(Failure) -> (method: String, parameters: Parameters)? {
    try client.nextNotification(timeout: timeout)
  }

  func close() { client.close() }
}
