internal import DynamoDBModel
internal import HTTPTransport

// Tags and resource policies.
extension SimulatedService {
  private func resource(_ request: borrowing ServiceRequest) throws(ServiceError) -> (arn: String, table: Int?) {
    guard let arn = try request.string("ResourceArn") else { throw .validation("Invalid TableArn") }
    let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0] == "arn", parts[2] == "dynamodb", parts[5].hasPrefix("table/") else {
      throw .validation("Invalid TableArn: Invalid ResourceArn provided as input \(arn)")
    }
    let index = tables.index(of: Self.tableName(arn))
    return (arn, index.flatMap { UTF8Text.equal(tables[$0].definition.arn, arn) ? $0 : nil })
  }

  mutating func tagResource(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    let tags = try Tags.read(request.list("Tags") ?? [])
    guard !tags.isEmpty else { throw .validation("Atleast one Tag needs to be provided as Input.") }
    let (arn, index) = try resource(request)
    guard let index else {
      throw .service("ResourceNotFoundException", "Requested resource not found: ResourcArn: \(arn) not found")
    }
    var all = tables[index].definition.tags
    for tag in tags {
      if let place = all.firstIndex(where: { $0.key == tag.key }) { all[place] = tag } else { all.append(tag) }
    }
    guard all.count <= 50 else { throw .invalidParameter("Too many tags: tag limit is 50") }
    tables[index].definition.tags = all
    return AnswerBody().finish()
  }

  mutating func untagResource(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    var keys: [String] = []
    for json in try request.list("TagKeys") ?? [] { keys.append(try json.text()) }
    guard !keys.isEmpty else { throw .validation("Atleast one Tag Key needs to be provided as Input.") }
    let (_, index) = try resource(request)
    guard let index else { throw .tableMissing }
    tables[index].definition.tags.removeAll { keys.contains($0.key) }
    return AnswerBody().finish()
  }

  func listTagsOfResource(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    let (arn, index) = try resource(request)
    guard let index else {
      throw .service(
        "AccessDeniedException",
        "User: arn:aws:iam::000000000000:root is not authorized to perform: dynamodb:ListTagsOfResource on resource: \(arn)")
    }
    let tags = tables[index].definition.tags.map { JSONValue.object(("Key", .string($0.key)), ("Value", .string($0.value))) }
    return Self.answer("Tags", .array(tags))
  }

  // MARK: Policies

  /// Bytes of a policy at most.
  private static let longestPolicy = 20_480

  private func policyTable(_ request: borrowing ServiceRequest) throws(ServiceError) -> (arn: String, table: Int) {
    let (arn, index) = try resource(request)
    guard let index else {
      throw .service("ResourceNotFoundException", "Requested resource not found: ResourcArn: \(arn) not found")
    }
    return (arn, index)
  }

  private func checkRevision(_ expected: String?, of table: Int, _ arn: String) throws(ServiceError) {
    guard let expected else { return }
    let current = tables[table].definition.policy?.revision
    guard expected == current || expected == "NO_POLICY" && current == nil else {
      throw .service(
        "PolicyNotFoundException",
        "Resource-based policy not found for the provided ResourceArn: \(arn) and ExpectedRevisionId: \(expected)")
    }
  }

  mutating func putResourcePolicy(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    let (arn, index) = try policyTable(request)
    var constraints = Constraints()
    let text = try request.string("Policy")
    constraints.notNull(text != nil, "policy")
    try constraints.check()
    guard let text else { preconditionFailure("the constraints ask for it") }
    guard text.utf8.count <= Self.longestPolicy else {
      throw .service("LimitExceededException", "Resource-based policy size exceeded the limit of 20 KB")
    }
    try checkRevision(request.string("ExpectedRevisionId"), of: index, arn)
    access.resourcePolicies[tables[index].name] = try AccessPolicy(text, ofResource: true)
    let revision = "\(request.now)\(requestCount)"
    tables[index].definition.policy = ResourcePolicy(text: text, revision: revision)
    return Self.answer("RevisionId", .string(revision))
  }

  func getResourcePolicy(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    let (arn, index) = try policyTable(request)
    guard let policy = tables[index].definition.policy else {
      throw .service("PolicyNotFoundException", "Resource-based policy not found for the provided ResourceArn: \(arn)")
    }
    var body = AnswerBody()
    body.add("Policy", .string(policy.text))
    body.add("RevisionId", .string(policy.revision))
    return body.finish()
  }

  mutating func deleteResourcePolicy(_ request: borrowing ServiceRequest) throws(ServiceError) -> ByteBuffer {
    let (arn, index) = try policyTable(request)
    try checkRevision(request.string("ExpectedRevisionId"), of: index, arn)
    guard let policy = tables[index].definition.policy else { return AnswerBody().finish() }
    tables[index].definition.policy = nil
    access.resourcePolicies[tables[index].name] = nil
    return Self.answer("RevisionId", .string(policy.revision))
  }
}

/// Labels of tables, as requests write them.
enum Tags {
  static func read(_ list: [JSONValue]) throws(ServiceError) -> [(key: String, value: String)] {
    var constraints = Constraints()
    var tags: [(key: String, value: String)] = []
    for (number, json) in list.enumerated() {
      let key = try json.member("Key")?.text()
      let value = try json.member("Value")?.text()
      constraints.notNull(key != nil, "tags.\(number + 1).member.key")
      constraints.notNull(value != nil, "tags.\(number + 1).member.value")
      if let key { constraints.length(key.unicodeScalars.count, key, "tags.\(number + 1).member.key", 1, 128) }
      if let value { constraints.length(value.unicodeScalars.count, value, "tags.\(number + 1).member.value", 0, 256) }
      if let place = tags.firstIndex(where: { $0.key == key }) {
        tags[place].value = value ?? ""
      } else {
        tags.append((key ?? "", value ?? ""))
      }
    }
    try constraints.check()
    guard tags.count <= 50 else { throw .invalidParameter("Too many tags: tag limit is 50") }
    return tags
  }
}
