internal import DynamoDBModel

/// The service model's constraints on members: gathered, and refused all together.
struct Constraints {
  private var findings: [String] = []

  /// Notes a breach: `value` as the service quotes it.
  mutating func breach(_ value: String, at member: String, _ rule: String) {
    if findings.count < 10 { findings.append("Value \(value) at '\(member)' failed to satisfy constraint: \(rule)") }
  }

  mutating func notNull(_ isThere: Bool, _ member: String) {
    if !isThere { breach("null", at: member, "Member must not be null") }
  }

  mutating func oneOf(_ value: String?, _ member: String, _ choices: [String]) {
    guard let value, !choices.contains(value) else { return }
    breach("'\(value)'", at: member, "Member must satisfy enum value set: [\(choices.joined(separator: ", "))]")
  }

  mutating func range(_ value: Int?, _ member: String, _ least: Int, _ most: Int = .max) {
    guard let value else { return }
    if value < least { breach("'\(value)'", at: member, "Member must have value greater than or equal to \(least)") }
    if value > most { breach("'\(value)'", at: member, "Member must have value less than or equal to \(most)") }
  }

  mutating func length(_ count: Int, _ quoted: @autoclosure () -> String, _ member: String, _ least: Int, _ most: Int = .max) {
    if count < least { breach("'\(quoted())'", at: member, "Member must have length greater than or equal to \(least)") }
    if count > most { breach("'\(quoted())'", at: member, "Member must have length less than or equal to \(most)") }
  }

  /// The name of a table (or its ARN) or of an index.
  mutating func name(_ name: String?, _ member: String) {
    guard let name else { return }
    if name.utf8.starts(with: "arn:".utf8) { return length(name.utf8.count, name, member, 1, 1_024) }
    if name.utf8.isEmpty || !name.utf8.allSatisfy(Self.isNameByte) {
      breach("'\(name)'", at: member, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+")
    }
    length(name.utf8.count, name, member, 3, 255)
  }

  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  func check() throws(ServiceError) {
    guard !findings.isEmpty else { return }
    let noun = findings.count == 1 ? "error" : "errors"
    throw .validation("\(findings.count) validation \(noun) detected: \(findings.joined(separator: "; "))")
  }
}
