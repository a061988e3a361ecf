package import Model

/// Decides whether a job may be submitted: not one that asks for more than its project may ever use, none that
/// asks for a resource without its type where a type is capped, for it would escape the cap; and none that would use a
/// budget that is spent.
///
/// - Parameters:
///   - tres: What the job asks for, or one task of an array. As in Slurm, a typed amount counts in the untyped TRES
///     too: 3 of `gres/gpu` beside 2 of `gres/gpu:h100` ask for one GPU of any type.
///   - given: What its nodes give it at least, where that is more than it asks for.
///   - rule: nil for an account that Sluice doesn't know, whose jobs are Slurm's own concern.
///   - defaultTypes: Typed TRES, at most one of each resource: what a request without a type becomes, where it may not
///     stay without one.
package func decide(
  _ tres: TRESAmounts, given: TRESAmounts = TRESAmounts(), under rule: Rule?, defaultTypes: [TRES]
) -> Decision {
  guard let rule else { return .allow(types: []) }
  var asked = Asked(tres)
  var types: [TRES] = []
  for holder in rule.holders {
    for resource in holder.typedResources where asked.withoutType(resource) > .zero {
      guard let type = defaultTypes.first(where: { $0.resource == resource }) else {
        return .deny(holder.sentence(on: resource))
      }
      asked.give(type, to: resource)
      types.append(type)
    }
  }
  let least = given.isEmpty ? asked.amounts : asked.amounts.maximum(given)
  for holder in rule.holders {
    let excess = holder.caps.filter { least.used($0.0) > $0.1 }.map(\.0)
    if !excess.isEmpty { return .deny(holder.sentence(on: excess, asked: asked.amounts, least: least)) }
    let spent = holder.spent.first { !$0.tres.mustBeAskedFor || least.used($0.tres) > .zero }
    if let spent { return .deny(spent.sentence(of: holder.project)) }
  }
  return .allow(types: types)
}

/// What a job asks for, with at least the sum of its types in each untyped TRES.
private struct Asked {
  private(set) var amounts: TRESAmounts
  /// The part of each resource that is of some type.
  private var typed: [(resource: TRES, amount: Amount)] = []

  init(_ tres: TRESAmounts) {
    amounts = tres
    for (tres, amount) in tres {
      guard let resource = tres.resource else { continue }
      if let last = typed.last, last.resource == resource {
        typed[typed.count - 1].amount += amount
      } else {
        typed.append((resource, amount))
      }
    }
    for (resource, amount) in typed { amounts[resource] = max(amounts.used(resource), amount) }
  }

  func withoutType(_ resource: TRES) -> Amount {
    amounts.used(resource) - (typed.first { $0.resource == resource }?.amount ?? .zero)
  }

  mutating func give(_ type: TRES, to resource: TRES) {
    amounts[type] = amounts.used(type) + withoutType(resource)
    typed.removeAll { $0.resource == resource }
    typed.append((resource, amounts.used(resource)))
  }
}

extension Rule.Holder {
  fileprivate func sentence(on excess: [TRES], asked: TRESAmounts, least: TRESAmounts) -> String {
    let holder = isPerUser ? "each user of project \(project)" : "project \(project)"
    if let (tres, type) = excess.lazy.compactMap({ tres in tres.jobType.map { (tres, $0) } }).first {
      return
        "\(holder) may run \(caps.used(tres).text(of: tres)) \(type) jobs at once over all clusters; this job is one"
    }
    let most = excess.map { Self.words(caps.used($0), of: $0) }.joined(separator: " and ")
    let wanted = excess.map { Self.words(least.used($0), of: $0) }.joined(separator: " and ")
    let isAsked = excess.allSatisfy { asked.used($0) == least.used($0) }
    let job = isAsked ? "this job asks for \(wanted)" : "this job's nodes would give it at least \(wanted)"
    return "\(holder) may use \(most) at once over all clusters; \(job)"
  }

  fileprivate func sentence(on resource: TRES) -> String {
    let types = caps.names.filter { $0.resource == resource }.map(\.name).joined(separator: ", ")
    let name = resource.name.dropFirst("gres/".count)
    return
      "project \(project) has a cap on \(types), so its jobs must say which type of \(name) they ask for, "
      + "as in --gres=\(name):TYPE:COUNT"
  }

  private static func words(_ amount: Amount, of tres: TRES) -> String { "\(amount.text(of: tres)) \(tres)" }
}
