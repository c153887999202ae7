internal import DynamoDBModel
internal import MigrationControl

/// What was found, as a list for people or as JSON.
struct FindingList: Sendable {
  let findings: [Finding]

  var blockers: [Finding] { findings.filter { $0.level == .blocker } }
  /// Done and clean, or done with something that stands in the way.
  var status: ToolStatus { blockers.isEmpty ? .done : .findings }

  var json: JSONValue {
    .array(
      findings.map { finding in
        .object([
          .init("subject", .string(finding.subject)), .init("level", .string(finding.level.rawValue)),
          .init("sentence", .string(finding.sentence)),
        ])
      })
  }

  /// A line a finding.
  var text: String { Figures.columns(findings.map { [$0.level.rawValue, $0.subject, $0.sentence] }) }
}
