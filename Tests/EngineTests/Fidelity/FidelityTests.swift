import DynamoDBModel
import Testing

/// The contract of the service in cases, on the simulator and on every engine; an engine that gives something else has a reason.
@Suite(.enabled(if: !Engine.served.isEmpty, Engine.absence), .timeLimit(.minutes(5))) struct FidelityTests {
  @Test func thereAreEnough() throws {
    #expect(try FidelityCase.groups.reduce(0) { try $0 + FidelityCase.all($1).count } >= 300)
  }

  @Test func everyCase() async throws {
    let cases = try FidelityCase.groups.flatMap { try FidelityCase.all($0) }
    let answers = try await WireClient.withAll { wire in
      for table in FidelityCase.tables { try await wire.remove(table) }
      var answers: [WireClient.Answer] = []
      for one in cases { answers.append(try await wire.answer(to: one)) }
      return (wire.name, answers)
    }
    for (engine, answers) in answers {
      for (one, answer) in zip(cases, answers) {
        let isMet = one.expected.isMet(by: answer) && (engine != "simulator" || one.expected.isMetInWords(by: answer))
        #expect(isMet == (one.reasons[engine] == nil), "\(engine), \(one): \(answer.status) \(answer.body)")
      }
    }
    for (index, one) in cases.enumerated() {
      let isConfirmed = answers.contains {
        $0.0 != "simulator" && one.expected.isMet(by: $0.1[index]) && one.expected.isMetInWords(by: $0.1[index])
      }
      #expect(isConfirmed == (one.reasons["text"] == nil), "no engine has the words, or one has them after all: \(one)")
    }
  }
}

extension WireClient {
  fileprivate func answer(to one: FidelityCase) async throws -> Answer {
    let answer = try await call(one.operation, try await withARNs(one.request))
    if ["CreateTable", "UpdateTable", "DeleteTable"].contains(one.operation), let table = one.request["TableName"]?.string, table.count > 2
    {
      try await settle(table)
    }
    return answer
  }

  /// The request with the ARNs of this engine's tables.
  private func withARNs(_ value: JSONValue) async throws -> JSONValue {
    switch value {
    case .string(let text) where text.hasPrefix(FidelityCase.arnSign):
      let name = JSONValue.string(String(text.dropFirst(FidelityCase.arnSign.count)))
      return try await call("DescribeTable", .object([.init("TableName", name)])).body["Table"]?["TableArn"] ?? value
    case .object(let members):
      var changed: [JSONValue.Member] = []
      for member in members { changed.append(.init(member.name, try await withARNs(member.value))) }
      return .object(changed)
    default: return value
    }
  }

  /// Deletes a table that an earlier run may have left, protected or not.
  fileprivate func remove(_ table: String) async throws {
    let name = JSONValue.Member("TableName", .string(table))
    _ = try await call("UpdateTable", .object([name, .init("DeletionProtectionEnabled", .bool(false))]))
    _ = try await call("DeleteTable", .object([name]))
    try await settle(table)
  }
}
