import Testing

@Suite struct TreeAuditTests {
  private let tree = ProjectTree(nodes: [
    ProjectTree.Node(project: "top", caps: ["cpu": 8]),
    ProjectTree.Node(project: "left", parent: "top", caps: ["cpu": 4], borrow: ["cpu": 3], lend: ["cpu": 2]),
    ProjectTree.Node(project: "right", parent: "top", caps: ["cpu": 4], lend: ["cpu": 2]),
    ProjectTree.Node(project: "leaf", parent: "left", caps: ["gres/gpu": 1]),
  ])

  private func violations(_ top: Int, _ left: Int, _ right: Int, leaf: Int = 0) -> [String] {
    TreeAudit.violations(
      tree,
      [
        "top": ["cpu": top], "left": ["cpu": left], "right": ["cpu": right], "leaf": ["gres/gpu": leaf],
      ])
  }

  @Test func whatIsWithinTheCapsOrLentIsRight() {
    #expect(violations(8, 4, 4, leaf: 1) == [])
    #expect(violations(8, 6, 2) == [], "two are lent")
  }

  @Test func whatIsBeyondACapIsTold() {
    #expect(violations(9, 4, 4).first == "top has 9 cpu, allowed are 8")
    #expect(violations(4, 4, 0, leaf: 2).first == "leaf has 2 gres/gpu, allowed are 1")
  }

  @Test func whatNobodyLeavesIsNotBorrowed() {
    #expect(violations(8, 5, 4) == ["left, right have 1 cpu beyond their caps, and leave 0"])
    #expect(violations(7, 7, 0) == ["left, right have 3 cpu beyond their caps, and leave 2"])
    #expect(violations(5, 2, 5).first == "right has 5 cpu, allowed are 4", "who may not borrow does not")
  }

  @Test func ofTwoLooksAtAlphaTheLowerCounts() {
    let joined = TreeAudit.join(
      before: ["p": ["cpu": 4, "mem": 1]], beta: ["p": ["cpu": 2]], after: ["p": ["cpu": 3], "q": ["cpu": 9]])
    #expect(joined == ["p": ["cpu": 5, "mem": 0]])
  }

  @Test func aLineOfSlurmctldIsReadWithLimitsAndUse() {
    let line =
      "ClusterName=alpha Account=lab UserName= Partition= Priority=0 ID=3 GrpJobs=N(2) "
      + "GrpTRES=cpu=8(3),mem=N(300),gres/gpu:h100=2(0) GrpTRESMins=cpu=N(7)"
    let row = AssociationRow(line: line)
    #expect(row?.account == "lab")
    #expect(row?.limits == ["cpu": 8, "gres/gpu:h100": 2])
    #expect(row?.used == ["cpu": 3, "mem": 300, "gres/gpu:h100": 0])
    #expect(AssociationRow(line: line.replacing("UserName= ", with: "UserName=alice(1000) ")) == nil)
    #expect(AssociationRow(line: "QOS Records") == nil)
  }
}
