import Testing

@testable import DynamoDBSimulator

@Suite("Access policies")
struct AccessPolicyTests {
  private static let users = "arn:aws:dynamodb:local:000000000000:table/users"

  private static func policy(_ statements: String..., ofResource: Bool = false) throws -> AccessPolicy {
    try AccessPolicy(#"{"Version":"2012-10-17","Statement":[\#(statements.joined(separator: ","))]}"#, ofResource: ofResource)
  }

  private static func statement(_ effect: String, _ action: String, _ resource: String, more: String = "") -> String {
    #"{"Effect":"\#(effect)","Action":\#(action),"Resource":\#(resource)\#(more)}"#
  }

  @Test(
    "Actions and resources match with wildcards, actions without regard to case",
    arguments: [
      (#""dynamodb:PutItem""#, #""*""#, true), (#""dynamodb:*""#, #""*""#, true), (#""*""#, #""*""#, true),
      (#""DynamoDB:putitem""#, #""*""#, true), (#""dynamodb:Put*""#, #""arn:aws:dynamodb:*:*:table/users""#, true),
      (#""dynamodb:P?tItem""#, #""arn:aws:dynamodb:*:*:table/u*s""#, true), (#""dynamodb:Get*""#, #""*""#, false),
      (#""dynamodb:PutItem""#, #""arn:aws:dynamodb:*:*:table/other""#, false),
      (#""dynamodb:PutItem""#, #""arn:aws:dynamodb:*:*:table/users/index/*""#, false),
      (#"["dynamodb:GetItem","dynamodb:PutItem"]"#, #"["arn:aws:s3:::x","arn:aws:dynamodb:*:*:table/users"]"#, true),
      (#""s3:*""#, #""*""#, false),
    ])
  func patterns(_ action: String, _ resource: String, allows: Bool) throws {
    let policy = try Self.policy(Self.statement("Allow", action, resource))
    #expect(policy.verdict("dynamodb:PutItem", on: Self.users, by: []) == (allows ? .allowed : .silent))
  }

  @Test("A denial outweighs every permission, wherever it stands")
  func denial() throws {
    let allow = Self.statement("Allow", #""dynamodb:*""#, #""*""#)
    let deny = Self.statement("Deny", #""dynamodb:DeleteItem""#, #""*""#)
    for policy in [try Self.policy(allow, deny), try Self.policy(deny, allow)] {
      #expect(policy.verdict("dynamodb:DeleteItem", on: Self.users, by: []) == .denied)
      #expect(policy.verdict("dynamodb:GetItem", on: Self.users, by: []) == .allowed)
    }
  }

  @Test("NotAction and NotResource mean everything else")
  func negations() throws {
    let policy = try AccessPolicy(
      #"{"Statement":{"Effect":"Allow","NotAction":"dynamodb:Delete*","NotResource":"\#(Self.users)"}}"#, ofResource: false)
    #expect(policy.verdict("dynamodb:GetItem", on: Self.users + "/index/i", by: []) == .allowed)
    #expect(policy.verdict("dynamodb:GetItem", on: Self.users, by: []) == .silent)
    #expect(policy.verdict("dynamodb:DeleteItem", on: "arn:x", by: []) == .silent)
  }

  @Test("A resource policy speaks of the principals that it names")
  func principals() throws {
    let policy = try Self.policy(
      Self.statement("Deny", #""dynamodb:*""#, #""*""#, more: #","Principal":{"AWS":"arn:aws:iam::000000000000:user/mallory"}"#),
      Self.statement("Allow", #""dynamodb:GetItem""#, #""*""#, more: #","Principal":"*""#), ofResource: true)
    #expect(policy.verdict("dynamodb:GetItem", on: Self.users, by: ["arn:aws:iam::000000000000:user/mallory"]) == .denied)
    #expect(policy.verdict("dynamodb:GetItem", on: Self.users, by: ["arn:aws:iam::000000000000:user/alice"]) == .allowed)
    #expect(policy.verdict("dynamodb:PutItem", on: Self.users, by: ["arn:aws:iam::000000000000:user/alice"]) == .silent)
  }

  @Test(
    "What isn't understood whole is refused",
    arguments: [
      "", "[]", "{}", #"{"Statement":[]}"#, #"{"Statement":[{"Effect":"Maybe","Action":"*","Resource":"*"}]}"#,
      #"{"Statement":[{"Effect":"Allow","Resource":"*"}]}"#, #"{"Statement":[{"Effect":"Allow","Action":"*"}]}"#,
      #"{"Statement":[{"Effect":"Allow","Action":[5],"Resource":"*"}]}"#,
      #"{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"a":"b"}}}]}"#,
    ])
  func refusals(_ text: String) {
    #expect(throws: ServiceError.self) { try AccessPolicy(text, ofResource: false) }
  }
}
