import Model
import Testing

@Suite struct UserPartTests {
  @Test func aNameOfBeforeIsKeptAndReadAgain() throws {
    let (alice, asmith) = (try UserName("alice"), try UserName("asmith"))
    let former = UserName.former(asmith, in: try ClusterName("alpha"), of: alice)
    #expect(former.isFormer && !alice.isFormer)
    #expect(former.current == alice && alice.current == alice)
    let quota = ProjectName.user(former, of: try ProjectName("genomics"))
    #expect(try ProjectName(own: quota.text) == quota)
    #expect(quota.inWords == "user alice (asmith in alpha before) of genomics")
    for wrong in ["genomics:alice:alpha", "genomics:alice:alpha:", "genomics:a:b:c:d"] {
      #expect(throws: NameError.self, "\(wrong)") { try ProjectName(own: wrong) }
    }
  }

  private func user(_ text: String) throws -> UserName { try UserName(text) }

  @Test func aUsersPartHasANameThatNoneFromOutsideCanHave() throws {
    let name = ProjectName.user(try user("alice@site"), of: try ProjectName("genomics"))
    #expect(name.parts?.whole == (try ProjectName("genomics")))
    #expect(name.parts?.user == (try user("alice@site")))
    #expect(name.whole.text == "genomics" && name.isOfUser)
    #expect(throws: NameError.self) { try ProjectName(name.text) }
    #expect(name != ProjectName.user(try user("b"), of: try ProjectName("genomics")))
  }

  @Test func aWholeIsNoPart() throws {
    let name = try AccountName("genomics")
    #expect(name.parts == nil && !name.isOfUser && name.whole == name)
    #expect(name.words == "account genomics")
    #expect(AccountName.user(try user("alice"), of: name).words == "user alice of account genomics")
  }
}
