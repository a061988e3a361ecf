import Model
import Testing
import Wire

@Suite struct OwnNameTests {
  @Test func onlyWhatSluiceKeptIsReadWithSuchNames() throws {
    let name = ProjectName.user(try UserName("alice"), of: try ProjectName("genomics"))
    let bytes = JSON.encode([name])
    #expect(try JSON.decode([ProjectName].self, kept: bytes) == [name])
    #expect(throws: Failure.self) { try JSON.decode([ProjectName].self, from: bytes) }
    #expect(throws: Failure.self) { try JSON.decode([UserName].self, kept: bytes) }
    for text in ["genomics:", ":alice", "a:b:c", "a: b"] {
      #expect(throws: Failure.self) { try JSON.decode([ProjectName].self, kept: JSON.encode([text])) }
    }
  }
}
