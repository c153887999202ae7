import DynamoDBModel
import MigrationControl
import Testing

@Suite("The policy of a fenced table")
struct FencePolicyTests {
  private let arn = "arn:aws:dynamodb:eu-central-1:123456789012:table/users"

  private func json(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8).span) }

  @Test("A deny statement for the write actions on OLD, and nothing where there was nothing")
  func alone() throws {
    let fenced = FencePolicy().fenced(arn)
    let statement = try #require(try json(fenced.text)["Statement"]?[0])
    #expect(statement["Effect"]?.string == "Deny" && statement["Principal"]?.string == "*" && statement["Resource"]?.string == arn)
    #expect(statement["Action"]?.array?.contains(.string("dynamodb:PartiQLInsert")) == true)
    #expect(fenced.isFenced(arn) && !FencePolicy().isFenced(arn))
    #expect(fenced.lifted == nil)
  }

  @Test(
    "What else stands in a policy stays, and comes back as it was",
    arguments: [
      #"{"Version":"2012-10-17","Id":"mine","Statement":[{"Sid":"a","Effect":"Allow","Principal":"*","Action":"dynamodb:GetItem","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"true"}}},{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::1:user/x"},"Action":["dynamodb:*"],"Resource":"*"}]}"#,
      #"{"Statement":{"Sid":"lone","Effect":"Allow","Principal":"*","Action":"dynamodb:Query","Resource":"*"},"Version":"2008-10-17"}"#,
    ])
  func merged(_ text: String) throws {
    let policy = try #require(FencePolicy(text))
    let fenced = policy.fenced(arn)
    let (before, after) = (try json(text), try json(fenced.text))
    let statements = before["Statement"].map { $0.array ?? [$0] } ?? []
    #expect(after["Statement"]?.array?.count == statements.count + 1)
    #expect(after["Statement"]?.array.map { Array($0.prefix(statements.count)) } == statements)
    for member in before.object ?? [] where member.name != "Statement" { #expect(after[member.name] == member.value) }
    let back = try json(try #require(FencePolicy(fenced.text)?.lifted).text)
    #expect(back["Statement"]?.array == statements && back["Version"] == before["Version"])
    #expect(fenced.fenced(arn) == fenced)
  }

  @Test(
    "A fence is known by what it denies, not by its spelling",
    arguments: [
      (#""Principal":{"AWS":["*"]}"#, #""Principal":"*""#, true), (#""Effect":"Allow""#, #""Effect":"Deny""#, false),
      (#""dynamodb:DeleteItem","#, "", false), (#""Principal":{"AWS":"arn:aws:iam::1:user/x"}"#, #""Principal":"*""#, false),
      (#""Effect":"Deny","Condition":{"Bool":{"a":"b"}}"#, #""Effect":"Deny""#, false),
    ] as [(String, String, Bool)])
  func known(_ replacement: String, _ original: String, _ isFence: Bool) throws {
    let text = FencePolicy().fenced(arn).text
    let changed =
      original.isEmpty ? text.replacing(replacement, with: "") : text.replacing(original, with: replacement)
    #expect(changed != text)
    let policy = try #require(FencePolicy(changed))
    #expect(policy.isFenced(arn) == isFence && policy.hasFence)
    // Whatever it has become, another fence makes it whole, and lifting leaves nothing of it.
    #expect(policy.fenced(arn).isFenced(arn) && policy.lifted == nil)
  }

  @Test("The fence of another table is none")
  func otherTable() { #expect(!FencePolicy().fenced(arn).isFenced(arn + "-v2")) }

  @Test("What is no policy isn't read as an empty one", arguments: ["", "x", "[]", "3"])
  func unreadable(_ text: String) { #expect(FencePolicy(text) == nil) }
}

@Suite("When a fence holds")
struct FenceWatchTests {
  @Test("once the probe was refused for 60 s on end")
  func holds() {
    var watch = FenceWatch()
    for second in 0..<60 { #expect(watch.probed(.refused, began: .seconds(second), at: .seconds(second)) == .probeAgain) }
    #expect(watch.refused(at: .seconds(59)) == .seconds(59))
    #expect(watch.probed(.refused, began: .seconds(60), at: .seconds(60)) == .holds)
  }

  @Test("One that passes, or that nobody answers, begins the minute anew", arguments: [FenceWatch.Probe.allowed, .unanswered])
  func interrupted(_ probe: FenceWatch.Probe) {
    var watch = FenceWatch()
    for second in 0..<59 { _ = watch.probed(.refused, began: .seconds(second), at: .seconds(second)) }
    #expect(watch.probed(probe, began: .seconds(59), at: .seconds(59)) == .probeAgain)
    for second in 60..<120 { #expect(watch.probed(.refused, began: .seconds(second), at: .seconds(second)) == .probeAgain) }
    #expect(watch.probed(.refused, began: .seconds(120), at: .seconds(120)) == .holds)
  }

  @Test("A probe counts from when it was sent: a slow answer shows nothing of now")
  func slow() {
    var watch = FenceWatch()
    #expect(watch.probed(.refused, began: .seconds(0), at: .seconds(30)) == .probeAgain)
    #expect(watch.probed(.refused, began: .seconds(30), at: .seconds(90)) == .probeAgain)
    #expect(watch.probed(.refused, began: .seconds(90), at: .seconds(91)) == .holds)
  }

  @Test(
    "After ten minutes: what lets writes pass doesn't obey policies, where answers are lost nobody knows",
    arguments: [(FenceWatch.Probe.allowed, FenceWatch.Step.disobeyed), (.unanswered, .unanswered)])
  func givesUp(_ probe: FenceWatch.Probe, _ step: FenceWatch.Step) {
    var watch = FenceWatch()
    #expect(watch.probed(probe, began: .seconds(599), at: .seconds(599)) == .probeAgain)
    #expect(watch.probed(probe, began: .seconds(600), at: .seconds(600)) == step)
  }

  /// Each row: `r` refused, `a` allowed, `u` unanswered, one a second, the last one forever; and the second at which the fence holds.
  static let rows: [(probes: String, holds: Int)] = [
    ("r", 60), ("ar", 61), ("ur", 61), ("rrrur", 64), ("rrruur", 65), ("rrraur", 65), ("ururur", 65),
    (String(repeating: "r", count: 60) + "ur", 121), (String(repeating: "r", count: 59) + "ur", 120),
  ]

  @Test("waits until the probe was refused for 60 s on end: an unanswered one may have been let in", arguments: rows.indices)
  func table(_ index: Int) {
    let row = Self.rows[index]
    let probes = row.probes.map { ["r": FenceWatch.Probe.refused, "a": .allowed, "u": .unanswered][$0] ?? .refused }
    var watch = FenceWatch()
    let held = (0..<600).first { second in
      watch.probed(probes[min(second, probes.count - 1)], began: .seconds(second), at: .seconds(second)) == .holds
    }
    #expect(held == row.holds)
  }
}
