import Core
import Model
import Quota
import Testing

/// The promise, under random faults: lost links, lost answers, late writes, crashes of sluiced, restarts of
/// the controller. What the auditor adds up is what runs in the clusters, not what the core believes.
@Suite struct WorldTests {
  @Test(arguments: 0..<300) func theSumNeverPassesTheCap(seed: Int) {
    var world = World(seed: UInt64(seed), cap: 8, limits: [nil, 3, 0])
    world.setProject(cap: 8)
    world.settle()
    for turn in 0..<400 {
      act(in: &world, turn: turn)
      guard world.total <= 8 else {
        Issue.record("seed \(seed), turn \(turn): \(world.clusters.map(\.used)) run under a cap of 8")
        return
      }
    }
    world.clusters[0].waiting = [Int](repeating: 1, count: 20)
    for _ in 0..<10 {
      world.settle()
      for cluster in world.clusters where cluster !== world.clusters[0] {
        cluster.running = []
        cluster.waiting = []
      }
    }
    #expect(world.clusters[0].used == 8, "seed \(seed): all of the cap is used when there is work")
  }

  private func act(in world: inout World, turn: Int) {
    world.now += Int64.random(in: 1...800, using: &world.random)
    let cluster = world.clusters.randomElement(using: &world.random) ?? world.clusters[0]
    switch Int.random(in: 0..<100, using: &world.random) {
    case 0..<25: world.report(cluster)
    case 25..<45: world.execute(cluster, answering: Int.random(in: 0..<10, using: &world.random) > 0)
    case 45..<60: cluster.start()
    case 60..<75:
      if !cluster.running.isEmpty { cluster.running.removeFirst() }
    case 75..<85: cluster.waiting.append(Int.random(in: 1...3, using: &world.random))
    case 85..<88: world.unlink(cluster)
    case 88..<94: if !cluster.isLinked { world.link(cluster) }
    case 94..<96: world.crash()
    case 96..<97: cluster.boot += 1
    case 97..<98: cluster.waiting = []
    default: world.feed(.tick)
    }
  }
}
