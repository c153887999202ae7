import DynamoDBModel

/// Ways to get transactions wrong, each as what it puts on the wire, or hears from it.
enum TransactionDefect: String, CaseIterable, Sendable {
  /// An update goes out without step 1's `attribute_exists`.
  case guardDropped
  /// The first action of a transaction goes out without its `NOT tomb`.
  case tombstoneGuardDropped
  /// A promotion overwrites.
  case promotionUnguarded
  /// What was evaluated on OLD's item goes out without asking that NEW be missing still.
  case staleEvaluation
  /// What was evaluated on a deleted item goes out without asking that it be deleted still.
  case staleTombstone
  /// A condition check checks nothing.
  case checkDropped
  /// A check that was true of OLD's item or of none doesn't take part.
  case checkOfMissingDropped
  /// A delete leaves no tombstone.
  case deleteWithoutTombstone
  /// Reasons fall to other actions than their own.
  case reasonsMisindexed
  /// Each try has a token of its own.
  case freshTokenPerTry
  /// Tombstones are shown by transactions that read.
  case tombstoneLeaks
  /// A conflict passes for success.
  case conflictTakenForSuccess
  /// A lost answer passes for a request that was never sent.
  case lostTakenForUnsent
  /// A transaction that reads is two.
  case readsApart
  /// A transaction that writes is two.
  case writesApart

  // MARK: - Requests

  /// The bodies that go out in place of one.
  func parts(of body: JSONValue, _ operation: String) -> [JSONValue] {
    let isSplit = self == .readsApart && operation == "TransactGetItems" || self == .writesApart && operation == "TransactWriteItems"
    guard isSplit, let items = body["TransactItems"]?.array, items.count > 1 else { return [body] }
    return [items.prefix(1), items.dropFirst()].enumerated().map { number, part in
      body.with("TransactItems", .array(Array(part)))
        .with("ClientRequestToken", body["ClientRequestToken"]?.string.map { .string("\($0)-\(number)") })
    }
  }

  func change(_ body: JSONValue, _ operation: String, _ number: Int) -> JSONValue {
    switch (self, operation) {
    case (.promotionUnguarded, "PutItem"):
      guard body["ConditionExpression"]?.string == "attribute_not_exists(#_0)" else { return body }
      return body.with("ConditionExpression", nil).with("ExpressionAttributeNames", nil)
    case (.freshTokenPerTry, "TransactWriteItems"): return body.with("ClientRequestToken", .string("try-\(number)"))
    case (.reasonsMisindexed, "TransactWriteItems"):
      // The same transaction, whose reasons come in another order than its caller takes them in.
      return body.with("TransactItems", .array((body["TransactItems"]?.array ?? []).reversed()))
    case (_, "TransactWriteItems"):
      let items = body["TransactItems"]?.array ?? []
      return body.with("TransactItems", .array(items.enumerated().map { change($1, isFirst: $0 == 0) }))
    default: return body
    }
  }

  private func change(_ item: JSONValue, isFirst: Bool) -> JSONValue {
    guard let member = item.object?.first else { return item }
    let (kind, action) = (member.name, member.value)
    let condition = action["ConditionExpression"]?.string ?? ""
    let exists = "attribute_exists(#_0)"
    let notTombstone = "attribute_not_exists(#_1)"
    func replacing(_ part: String, with other: String) -> JSONValue {
      .object([.init(kind, action.with("ConditionExpression", .string(condition.replacing(part, with: other))))])
    }
    switch self {
    case .guardDropped where kind == "Update" && condition.hasPrefix("\(exists) AND \(notTombstone)"):
      return replacing(exists, with: "(\(exists) OR attribute_not_exists(#_0))")
    case .tombstoneGuardDropped where isFirst && condition.hasPrefix("\(exists) AND \(notTombstone)"):
      return replacing(notTombstone, with: "(\(notTombstone) OR attribute_exists(#_1))")
    case .staleEvaluation where kind != "ConditionCheck" && condition == "attribute_not_exists(#_0)",
      .checkOfMissingDropped where kind == "ConditionCheck" && condition == "attribute_not_exists(#_0)":
      return replacing("attribute_not_exists(#_0)", with: "attribute_not_exists(#_0) OR \(exists)")
    case .staleTombstone where kind == "Put" && condition == exists:
      return replacing(exists, with: "\(exists) OR attribute_not_exists(#_0)")
    case .checkDropped where kind == "ConditionCheck":
      return .object([
        .init(
          kind,
          action.with("ConditionExpression", .string("attribute_exists(id) OR attribute_not_exists(id)"))
            .with("ExpressionAttributeNames", nil).with("ExpressionAttributeValues", nil))
      ])
    case .deleteWithoutTombstone where kind == "Put" && action["Item"]?["_dt"] != nil:
      let key = JSONValue.object((action["Item"]?.object ?? []).filter { $0.name == "id" })
      return .object([.init("Delete", action.with("Item", nil).with("Key", key))])
    default: return item
    }
  }

  // MARK: - Answers

  func change(_ status: Int, _ body: JSONValue, _ operation: String, to request: JSONValue) -> (Int, JSONValue) {
    switch (self, operation) {
    case (.tombstoneLeaks, "TransactGetItems"): return (status, body.without("_dt"))
    case (.conflictTakenForSuccess, "TransactWriteItems"):
      let codes = (body["CancellationReasons"]?.array ?? []).compactMap { $0["Code"]?.string }.filter { $0 != "None" }
      return Set(codes) == ["TransactionConflict"] ? (200, .object([])) : (status, body)
    default: return (status, body)
    }
  }

  /// The answers of a transaction's parts as one.
  static func joined(_ answers: [JSONValue]) -> JSONValue {
    guard answers.count > 1, let last = answers.last else { return answers.first ?? .null }
    guard last["CancellationReasons"] == nil else {
      let reasons = last["CancellationReasons"]?.array ?? []
      return last.with("CancellationReasons", .array([.object([.init("Code", .string("None"))])] + reasons))
    }
    guard last["Responses"] != nil else { return last }
    return last.with("Responses", .array(answers.flatMap { $0["Responses"]?.array ?? [] }))
  }
}

extension JSONValue {
  /// The object with a member replaced, added, or taken away.
  fileprivate func with(_ name: String, _ value: JSONValue?) -> JSONValue {
    let others = (object ?? []).filter { $0.name != name }
    return .object(others + (value.map { [Member(name, $0)] } ?? []))
  }

  /// The value without any member of this name, however deep.
  fileprivate func without(_ name: String) -> JSONValue {
    switch self {
    case .object(let members): .object(members.filter { $0.name != name }.map { Member($0.name, $0.value.without(name)) })
    case .array(let values): .array(values.map { $0.without(name) })
    default: self
    }
  }
}
