package import Model

/// One cluster's claim on one TRES of a project, as `divide` weighs it.
package struct Claim: Hashable, Sendable {
  /// What it is allotted now.
  package var allotment: Amount
  /// What it uses and what its waiting jobs could use.
  package var want: Amount
  /// The cluster's size, the weight for what nobody asks for.
  package var capacity: Amount

  package init(allotment: Amount, want: Amount, capacity: Amount) {
    self.allotment = allotment
    self.want = want
    self.capacity = capacity
  }
}

/// Divides `pool` among clusters: first what they use and ask for, the smaller wants in full and the larger
/// ones equally (max-min fairness); then the spare.
///
/// The result stays as near to the present allotments as that allows. A share moves only where someone would
/// start work with it: a cluster that has more than it wants keeps it until another needs it. With
/// `relaxing`, the spare is spread by capacity anew, so that direct jobs find some of it anywhere.
///
/// - Returns: An allotment for each claim, in order, all multiples of `granule`; their sum is at most `pool`.
package func divide(
  _ pool: Amount, among claims: [Claim], granule: Amount, relaxing: Bool
) -> [Amount] {
  guard !claims.isEmpty else { return [] }
  let pool = pool.roundedDown(to: granule)
  let fair = fairParts(of: pool, wants: claims.map { $0.want.roundedUp(to: granule) }, granule: granule)
  let ideal = {
    zip(fair, spread(pool - sum(fair), over: claims.map(\.capacity), granule: granule)).map(+)
  }
  if relaxing { return ideal() }

  var targets = zip(claims, fair).map { max($0.allotment.roundedDown(to: granule), $1) }
  let total = sum(targets)
  if total > pool {
    // Every surplus over the fair parts gives alike; the fair parts themselves always fit.
    let surpluses = zip(targets, fair).map(-)
    let taken = spread(total - pool, over: surpluses, granule: granule)
    targets = zip(targets, taken).map(-)
  } else if total < pool {
    let gaps = zip(ideal(), targets).map(-)
    targets = zip(targets, spread(pool - total, over: gaps, granule: granule)).map(+)
  }
  return targets
}

/// Max-min fair parts: nobody gets more than it wants, and nobody could get more without taking from one that
/// has no more than it.
private func fairParts(of pool: Amount, wants: [Amount], granule: Amount) -> [Amount] {
  let total = sum(wants)
  if total <= pool, total < .unbounded { return wants }
  var parts = [Amount](repeating: .zero, count: wants.count)
  var left = pool
  var open = wants.indices.sorted { (wants[$0], $0) < (wants[$1], $1) }[...]
  while let next = open.first {
    let level = Amount(milli: left.milli / Int64(open.count)).roundedDown(to: granule)
    if wants[next] <= level {
      parts[next] = wants[next]
      left -= wants[next]
      open.removeFirst()
      continue
    }
    // All that are left want more than the level: each gets it, and the first few one granule of the rest.
    var rest = left - Amount(milli: level.milli * Int64(open.count))
    for index in open.sorted() {
      let extra = rest >= granule ? granule : .zero
      parts[index] = min(wants[index], level + extra)
      rest -= extra
    }
    break
  }
  return parts
}

/// Splits `amount` in proportion to `weights`, in whole granules, giving nobody more than rounding allows and
/// nothing where the weight is zero. What rounding leaves goes to the largest remainders, then by order.
private func spread(_ amount: Amount, over weights: [Amount], granule: Amount) -> [Amount] {
  let granules = amount.milli / granule.milli
  let total = weights.reduce(into: 0.0) { $0 += Double($1.milli) }
  guard granules > 0, total > 0 else { return weights.map { _ in .zero } }
  let exact = weights.map { Double(granules) * Double($0.milli) / total }
  var counts = exact.map { Int64($0.rounded(.down)) }
  var left = granules - counts.reduce(0, +)
  let byRemainder = exact.indices.filter { weights[$0] > .zero }.sorted { first, second in
    let remainders = (exact[first] - Double(counts[first]), exact[second] - Double(counts[second]))
    return remainders.0 == remainders.1 ? first < second : remainders.0 > remainders.1
  }
  for index in byRemainder where left > 0 {
    counts[index] += 1
    left -= 1
  }
  return counts.map { Amount(milli: $0 * granule.milli) }
}

private func sum(_ amounts: [Amount]) -> Amount { amounts.reduce(.zero, +) }
