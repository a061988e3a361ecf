import Model
import Testing

@testable import CommandLine

@Suite struct ProjectEditTests {
  private func complaint(_ edit: ProjectEdit, to existing: Project?) -> String? {
    do {
      _ = try edit.applied(to: existing, name: try ProjectName("genomics"))
      return nil
    } catch {
      return (error as? CommandFailure)?.lines.first
    }
  }

  @Test func changesOnlyWhatIsSaid() throws {
    let edit = ProjectEdit(
      limits: [try .init(parsing: "cpu=16")],
      clusters: [
        try .init(parsing: "beta"), try .init(parsing: "gamma=g:root"), try .init(parsing: "delta"),
      ],
      members: [try .init(parsing: "bob=user")], removedLimits: [.memory],
      removedClusters: [try ClusterName("alpha")], removedMembers: [try UserName("alice")])
    let project = try edit.applied(to: try Samples.project(), name: try ProjectName("genomics"))
    #expect(project.limits.description == "cpu=16")
    #expect(project.members == [try UserName("bob"): .user])
    #expect(
      project.clusters == [
        try ClusterName("beta"): ClusterBinding(
          account: try AccountName("gen"), parent: try AccountName("bio")),
        try ClusterName("gamma"): ClusterBinding(
          account: try AccountName("g"), parent: try AccountName("root")),
        try ClusterName("delta"): ClusterBinding(account: try AccountName("genomics")),
      ])
  }

  @Test func aParentIsSetAndRemoved() throws {
    let parent = try ProjectName("biology")
    var project = try ProjectEdit(parent: parent).applied(
      to: try Samples.project(), name: try ProjectName("genomics"))
    #expect(project.parent == parent)
    project = try ProjectEdit(removesParent: true).applied(to: project, name: project.name)
    #expect(project.parent == nil)
    #expect(
      complaint(ProjectEdit(removesParent: true), to: project)
        == "sluice: project 'genomics' has no parent to remove")
  }

  @Test func capsPerUserAreSetAndTakenAway() throws {
    let set = ProjectEdit(perUser: [try .init(parsing: "cpu=4,jobs/running=9")])
    var project = try set.applied(to: try Samples.project(), name: try ProjectName("genomics"))
    #expect(project.perUser.description == "cpu=4,jobs/running=9")
    let taken = ProjectEdit(perUser: [try .init(parsing: "cpu=-1")])
    project = try taken.applied(to: project, name: project.name)
    #expect(project.perUser.description == "jobs/running=9")
    #expect(
      complaint(taken, to: project) == "sluice: project 'genomics' has no cap per user 'cpu' to remove")
  }

  @Test func whatIsBorrowedAndLentIsSetAndTakenAway() throws {
    let edit = ProjectEdit(
      borrow: [try TRESAmounts(parsing: "cpu=4,mem=1G")], lend: [try TRESAmounts(parsing: "cpu=2")])
    var project = try edit.applied(to: try Samples.project(), name: try ProjectName("genomics"))
    #expect(project.borrow.description == "cpu=4,mem=1G")
    #expect(project.lend.description == "cpu=2")
    let back = ProjectEdit(
      borrow: [try TRESAmounts(parsing: "cpu=0")], lend: [try TRESAmounts(parsing: "cpu=0")])
    project = try back.applied(to: project, name: project.name)
    #expect(project.borrow.description == "mem=1G")
    #expect(project.lend.isEmpty)
  }

  @Test func minusOneTakesACapAwayAsInSacctmgr() throws {
    let edit = ProjectEdit(limits: [try .init(parsing: "cpu=16,mem=-1")])
    let project = try edit.applied(to: try Samples.project(), name: try ProjectName("genomics"))
    #expect(project.limits.description == "cpu=16")
    for text in ["cpu=-2", "cpu=-1.5", "x=-1", "cpu=1,cpu=-1", "cpu=1,cpu=2", "cpu=", "", "cpu=1,"] {
      #expect(throws: TRESError.self, "\(text)") { try ProjectEdit.Limits(parsing: text) }
    }
  }

  @Test func creatingNeedsLimitsAndACluster() throws {
    let limits = [try ProjectEdit.Limits(parsing: "cpu=16")]
    let words = "sluice: there is no project 'genomics' yet: to create it, give --limit and --cluster"
    #expect(complaint(ProjectEdit(limits: limits), to: nil) == words)
    #expect(complaint(ProjectEdit(clusters: [try .init(parsing: "beta")]), to: nil) == words)
    #expect(complaint(ProjectEdit(limits: limits, clusters: [try .init(parsing: "beta")]), to: nil) == nil)
  }

  @Test func slipsAreRefused() throws {
    let project = try Samples.project()
    #expect(
      complaint(ProjectEdit(), to: project)
        == "sluice: nothing to change in 'genomics': see 'sluice project set --help'")
    #expect(
      complaint(ProjectEdit(removedLimits: [.gpu]), to: project)
        == "sluice: project 'genomics' has no limit 'gres/gpu' to remove")
    #expect(
      complaint(ProjectEdit(removedClusters: [try ClusterName("x")]), to: project)
        == "sluice: project 'genomics' has no cluster 'x' to remove")
    #expect(
      complaint(ProjectEdit(removedMembers: [try UserName("x")]), to: project)
        == "sluice: project 'genomics' has no member 'x' to remove")
  }

  @Test(arguments: ["alpha=", "=x", "alpha=a:", "", "al pha"])
  func badBindings(text: String) {
    #expect(throws: NameError.self) { try ProjectEdit.Binding(parsing: text) }
  }

  @Test(arguments: ["alice", "alice=boss", "alice="])
  func membersNeedARole(text: String) {
    #expect(throws: ProjectEdit.MemberError.self) { try ProjectEdit.Member(parsing: text) }
  }
}
