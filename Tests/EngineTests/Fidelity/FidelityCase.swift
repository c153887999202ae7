import DynamoDBModel
import Glibc
import Testing

/// One request and what must come back, as the service has it.
///
/// The cases of a group share tables and come one after another. Where an engine gives something else, the case carries the reason.
struct FidelityCase: Sendable, CustomStringConvertible {
  /// A text of this beginning and a table's name stands for the table's ARN, which engines make up.
  static let arnSign = "$arn:"

  /// What must come back.
  enum Expectation: Sendable {
    /// An answer of this form; `"*"` stands for anything, a member `"..."` for any others.
    case answer(JSONValue)
    /// A refusal of this code, these words (nil: any, as they quote the whole request) and these members beside them.
    case refusal(code: String, message: String?, members: JSONValue)
  }

  let group: String
  let title: String
  let operation: String
  let request: JSONValue
  let expected: Expectation
  /// Why an engine gives something else, by its name; `text` says why no engine gives this refusal's words.
  let reasons: [String: String]

  var description: String { "\(group): \(title) (\(operation))" }

  static let groups = [
    "tables", "puts", "gets", "updates", "queries", "batches", "transactions", "statements", "settings", "pages", "resources",
  ]

  /// The tables that the cases of all groups make.
  static let tables = [
    "fid-tables", "fid-whole", "fid-given", "fid-bad", "fid-puts", "fid-gets", "fid-updates", "fid-queries", "fid-batches",
    "fid-transactions", "fid-statements", "fid-settings", "fid-pages", "fid-segments", "fid-resources", "fid-kept",
  ]

  static func all(_ group: String) throws -> [FidelityCase] {
    let reasons = try json(bytes(of: "reasons.json"))
    return try bytes(of: "\(group).jsonl").split(separator: UInt8(ascii: "\n")).map {
      try FidelityCase(group, json(Array($0)), reasons)
    }
  }

  private init(_ group: String, _ line: JSONValue, _ sentences: JSONValue) throws {
    self.group = group
    title = try #require(line["title"]?.string)
    operation = try #require(line["operation"]?.string)
    request = Self.expand(try #require(line["request"]))
    if let answer = line["answer"] {
      expected = .answer(Self.expand(answer))
    } else {
      expected = .refusal(
        code: try #require(line["error"]?.string), message: line["message"].flatMap { Self.expand($0).string },
        members: line["with"].map { Self.expand($0) } ?? .object([]))
    }
    var reasons: [String: String] = [:]
    for member in line["differs"]?.object ?? [] { reasons[member.name] = try #require(sentences[member.value.string ?? ""]?.string) }
    self.reasons = reasons
  }

  /// Puts long texts in the place of `{"$text": [...]}`; a part `[text, count]` stands for the text that many times.
  private static func expand(_ value: JSONValue) -> JSONValue {
    switch value {
    case .array(let values): .array(values.map(expand))
    case .object(let members):
      if let parts = value["$text"]?.array {
        .string(parts.map { $0.string ?? String(repeating: $0[0]?.string ?? "", count: $0[1]?.integer ?? 0) }.joined())
      } else {
        .object(members.map { .init($0.name, expand($0.value)) })
      }
    default: value
    }
  }

  private static func json(_ bytes: [UInt8]) throws -> JSONValue { try JSONValue(parsing: bytes.span) }

  private static func bytes(of name: String) throws -> [UInt8] {
    let path = #filePath.split(separator: "/").dropLast().map { "/\($0)" }.joined() + "/Cases/\(name)"
    let file = unsafe try #require(unsafe fopen(path, "r"), "\(path) can't be read")
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = unsafe fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk.prefix(count) }
    return bytes
  }
}

extension FidelityCase.Expectation {
  /// Whether this is what came back; the words of a refusal aside.
  func isMet(by answer: WireClient.Answer) -> Bool {
    switch self {
    case .answer(let form): answer.status == 200 && form.fits(answer.body)
    case .refusal(let code, _, let members):
      answer.isRefusal && answer.code == code
        && (members.object ?? []).allSatisfy { member in answer.body[member.name].map { member.value.fits($0) } ?? false }
    }
  }

  /// Whether a refusal came back in these words; true for what is no refusal, or one whose words quote the whole request.
  func isMetInWords(by answer: WireClient.Answer) -> Bool {
    guard case .refusal(_, let message?, _) = self else { return true }
    return answer.message == message
  }
}

extension JSONValue {
  /// Whether `value` has this form: members in any order, sets without order, numbers by value.
  fileprivate func fits(_ value: JSONValue) -> Bool {
    switch (self, value) {
    case (.string("*"), _): return true
    case (.object(let members), .object(let others)):
      let isOpen = self["..."] != nil
      let wanted = members.filter { $0.name != "..." }
      guard isOpen || wanted.count == others.count else { return false }
      return wanted.allSatisfy { member in
        guard let other = value[member.name] else { return false }
        return ["SS", "NS", "BS"].contains(member.name) ? member.value.sorted == other.sorted : member.value.fits(other)
      }
    case (.array(let values), .array(let others)):
      return values.count == others.count && zip(values, others).allSatisfy { $0.fits($1) }
    case (.number, .number): return double == value.double
    default: return self == value
    }
  }

  private var sorted: [String] { (array ?? []).map { $0.string ?? "" }.sorted() }
}
