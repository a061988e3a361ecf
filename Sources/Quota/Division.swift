package import Model

/// One cluster's claim on one TRES of a project: what it has, what it could use, and what is decided about it.
package struct Claim: Hashable, Sendable {
  /// Whether its limit can be changed now. One that can't be keeps what it has.
  let isMovable: Bool
  /// Whether it takes part when the pool is divided.
  var isOpen: Bool
  /// What it is allotted now.
  let allotment: Amount
  /// What it uses and what its waiting jobs could use.
  let want: Amount
  /// The cluster's size, the weight for what nobody asks for.
  let capacity: Amount
  /// The most and the least that may be effective there.
  let inForce: Amount
  let floor: Amount
  /// What it should have.
  package internal(set) var target: Amount
  /// How far it may go towards that now.
  var step: Amount
  /// What it would have if nothing were kept where it is: first its fair part, then the spare, too.
  fileprivate var ideal = Amount.zero
  /// Its fair part is all that it wants.
  fileprivate var isMet = false

  /// - Parameter isClosing: Running work goes on there, but nothing new is meant to start.
  package init(
    allotment: Amount, want: Amount, capacity: Amount, inForce: Amount, floor: Amount, granule: Amount,
    isMovable: Bool, isClosing: Bool
  ) {
    self.isMovable = isMovable
    isOpen = isMovable && !isClosing
    self.allotment = allotment
    self.want = isClosing ? .zero : want.roundedUp(to: granule)
    self.capacity = isClosing ? .zero : capacity
    self.inForce = inForce
    self.floor = floor
    target = allotment
    step = allotment
  }
}

/// Divides `pool` among the clusters that take part: first what they use and ask for, the smaller wants in full and the larger
/// ones equally (max-min fairness); then the spare. The targets of the others stay.
///
/// The result stays as near to the present allotments as that allows. A share moves only where someone would
/// start work with it: a cluster that has more than it wants keeps it until another needs it. With
/// `relaxing`, the spare is spread by capacity anew, so that direct jobs find some of it anywhere.
///
/// All targets are multiples of `granule`; their sum is at most `pool`. It is done in place: this is the core's innermost
/// work, and a list for each step of it would cost more than the step.
package func divide(_ pool: Amount, among claims: inout [Claim], granule: Amount, relaxing: Bool) {
  let pool = pool.roundedDown(to: granule)
  let spare = pool - findFairParts(of: pool, among: &claims, granule: granule)
  if relaxing {
    addSpare(spare, to: &claims, granule: granule)
    for index in claims.indices where claims[index].isOpen { claims[index].target = claims[index].ideal }
    return
  }
  var total = Amount.zero
  for index in claims.indices where claims[index].isOpen {
    claims[index].target = max(claims[index].allotment.roundedDown(to: granule), claims[index].ideal)
    total += claims[index].target
  }
  if total > pool {
    // Every surplus over the fair parts gives alike; the fair parts themselves always fit.
    spread(total - pool, over: &claims, by: { $0.target - $0.ideal }, granule: granule) { $0.target -= $1 }
  } else if total < pool {
    addSpare(spare, to: &claims, granule: granule)
    spread(pool - total, over: &claims, by: { $0.ideal - $0.target }, granule: granule) { $0.target += $1 }
  }
}

private func addSpare(_ spare: Amount, to claims: inout [Claim], granule: Amount) {
  spread(spare, over: &claims, by: \.capacity, granule: granule) { $0.ideal += $1 }
}

/// Max-min fair parts: nobody gets more than it wants, and nobody could get more without taking from one that
/// has no more than it. Returns their sum.
private func findFairParts(of pool: Amount, among claims: inout [Claim], granule: Amount) -> Amount {
  var total = Amount.zero
  var unmet: Int64 = 0
  for index in claims.indices where claims[index].isOpen {
    total += claims[index].want
    claims[index].ideal = claims[index].want
    claims[index].isMet = false
    unmet += 1
  }
  if total <= pool, total < .unbounded { return total }
  // Whoever wants no more than an equal part of what is left has it; that leaves more to the others.
  var left = pool
  var level = Amount.zero
  var hasChanged = true
  while hasChanged, unmet > 0 {
    hasChanged = false
    level = Amount(milli: left.milli / unmet).roundedDown(to: granule)
    for index in claims.indices
    where claims[index].isOpen && !claims[index].isMet && claims[index].want <= level {
      claims[index].isMet = true
      left -= claims[index].want
      unmet -= 1
      hasChanged = true
    }
  }
  guard unmet > 0 else { return pool - left }
  // All others want more than the level: each gets it, and the first few one granule of the rest.
  var rest = left - Amount(milli: level.milli * unmet)
  for index in claims.indices where claims[index].isOpen && !claims[index].isMet {
    let extra = rest >= granule ? granule : .zero
    claims[index].ideal = min(claims[index].want, level + extra)
    left -= claims[index].ideal
    rest -= extra
  }
  return pool - left
}

/// Splits `amount` among those that take part, in proportion to their weights and in whole granules, giving nobody more than
/// rounding allows and nothing where the weight is zero. What rounding leaves goes to the largest remainders, then by order.
private func spread(
  _ amount: Amount, over claims: inout [Claim], by weight: (Claim) -> Amount, granule: Amount,
  give: (inout Claim, Amount) -> Void
) {
  let granules = amount.milli / granule.milli
  var total = 0.0
  for claim in claims where claim.isOpen { total += Double(weight(claim).milli) }
  guard granules > 0, total > 0 else { return }
  var left = granules
  var remainders: [(index: Int, part: Double)] = []
  for index in claims.indices where claims[index].isOpen {
    let weight = weight(claims[index])
    guard weight > .zero else { continue }
    let exact = Double(granules) * Double(weight.milli) / total
    let count = exact.rounded(.down)
    give(&claims[index], Amount(milli: Int64(count) * granule.milli))
    left -= Int64(count)
    remainders.append((index, exact - count))
  }
  guard left > 0 else { return }
  remainders.sort { $0.part == $1.part ? $0.index < $1.index : $0.part > $1.part }
  for (index, _) in remainders.prefix(Int(left)) { give(&claims[index], granule) }
}
