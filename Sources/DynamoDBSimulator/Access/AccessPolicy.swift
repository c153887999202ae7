internal import DynamoDBModel

/// A policy document of IAM's language, as far as it speaks of DynamoDB: who may or may not do what to which resources.
///
/// Conditions aren't known here. A document that holds one is refused, because a policy that is half understood allows too much.
struct AccessPolicy: Sendable, Hashable {
  /// What a policy says of an action.
  enum Verdict: Sendable {
    case allowed, denied, silent
  }

  private struct Statement: Sendable, Hashable {
    let allows: Bool
    /// Nil in an identity policy, which speaks of its owner.
    let principals: Patterns?
    let actions: Patterns
    let resources: Patterns
  }

  /// Texts with `*` and `?` in them; or everything but what they match, as `NotAction` says it.
  private struct Patterns: Sendable, Hashable {
    var texts: [String]
    var isNegated = false

    func match(_ candidates: [String], ignoringCase: Bool = false) -> Bool {
      let matches = texts.contains { text in candidates.contains { Self.matches(text, $0, ignoringCase) } }
      return matches != isNegated
    }

    /// Glob matching with one point to return to: the last `*`.
    private static func matches(_ pattern: String, _ text: String, _ ignoringCase: Bool) -> Bool {
      let (pattern, text) = ignoringCase ? (pattern.lowercased(), text.lowercased()) : (pattern, text)
      let (glob, bytes) = (Array(pattern.utf8), Array(text.utf8))
      var (at, index, star, mark) = (0, 0, -1, 0)
      while index < bytes.count {
        if at < glob.count, glob[at] == UInt8(ascii: "*") {
          (star, mark) = (at, index)
          at += 1
        } else if at < glob.count, glob[at] == UInt8(ascii: "?") || glob[at] == bytes[index] {
          at += 1
          index += 1
        } else if star >= 0 {
          mark += 1
          (at, index) = (star + 1, mark)
        } else {
          return false
        }
      }
      return glob[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
  }

  private let statements: [Statement]

  /// Reads a document.
  ///
  /// - Parameter ofResource: it hangs on a table and so names principals; else it is an access key's own.
  /// - Throws: the service's refusal of a malformed document.
  init(_ text: String, ofResource: Bool) throws(ServiceError) {
    guard let document = try? JSONValue(parsing: Array(text.utf8).span), document.object != nil else {
      throw Self.malformed("This policy contains invalid Json")
    }
    let list = document["Statement"].map { $0.array ?? [$0] } ?? []
    guard !list.isEmpty else { throw Self.malformed("This policy contains no statement") }
    var statements: [Statement] = []
    for statement in list { statements.append(try Self.statement(statement, ofResource)) }
    self.statements = statements
  }

  /// What the policy says of `action` on `resource` by `principal`; a denial anywhere outweighs every permission.
  ///
  /// - Parameter principal: the ways in which a policy may name the caller.
  func verdict(_ action: String, on resource: String, by principal: [String]) -> Verdict {
    var verdict = Verdict.silent
    for statement in statements
    where statement.actions.match([action], ignoringCase: true) && statement.resources.match([resource])
      && statement.principals?.match(principal) ?? true
    {
      guard statement.allows else { return .denied }
      verdict = .allowed
    }
    return verdict
  }

  private static func statement(_ json: JSONValue, _ ofResource: Bool) throws(ServiceError) -> Statement {
    guard let effect = json["Effect"]?.string, effect == "Allow" || effect == "Deny" else {
      throw malformed("A statement's Effect must be Allow or Deny")
    }
    guard json["Condition"] == nil else { throw malformed("Conditions in policies are not supported by this simulator") }
    guard let actions = try patterns(json, "Action") else { throw malformed("A statement has no Action") }
    guard let resources = try patterns(json, "Resource") else { throw malformed("A statement has no Resource") }
    var principals: Patterns?
    if ofResource {
      guard let found = try Self.principals(json) else { throw malformed("A resource policy's statement has no Principal") }
      principals = found
    }
    return Statement(allows: effect == "Allow", principals: principals, actions: actions, resources: resources)
  }

  /// `Action` or `NotAction`: one text or several.
  private static func patterns(_ json: JSONValue, _ name: String) throws(ServiceError) -> Patterns? {
    if let value = json[name] { return Patterns(texts: try texts(value, name)) }
    if let value = json["Not\(name)"] { return Patterns(texts: try texts(value, "Not\(name)"), isNegated: true) }
    return nil
  }

  /// `"*"`, or `{"AWS": …}` with ARNs, account numbers or `"*"`.
  private static func principals(_ json: JSONValue) throws(ServiceError) -> Patterns? {
    if let value = json["Principal"] { return Patterns(texts: try texts(value["AWS"] ?? value, "Principal")) }
    if let value = json["NotPrincipal"] { return Patterns(texts: try texts(value["AWS"] ?? value, "NotPrincipal"), isNegated: true) }
    return nil
  }

  private static func texts(_ value: JSONValue, _ name: String) throws(ServiceError) -> [String] {
    var texts: [String] = []
    for element in value.array ?? [value] {
      guard let text = element.string else { throw malformed("\(name) must be a text or a list of texts") }
      texts.append(text)
    }
    return texts
  }

  private static func malformed(_ message: String) -> ServiceError { .validation("Invalid policy document: \(message)") }
}
