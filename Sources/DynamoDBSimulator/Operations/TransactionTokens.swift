internal import DynamoDBModel

/// The request tokens of transactions that were carried out: for ten minutes the same request does nothing again.
struct TransactionTokens: Sendable {
  private static let lifetime: Int64 = 600_000

  private struct Use: Sendable {
    let token: String
    /// The request's parts, as they came.
    let content: [UInt8]
    let time: Int64
    /// When the transaction ends.
    let end: Int64
    let consumptions: [Consumption]
  }

  /// In the order of their times.
  private var uses: [Use] = []

  /// What the transaction with this token took, if it was carried out.
  ///
  /// - Throws: `IdempotentParameterMismatchException` if it was another one, `TransactionInProgressException` if it isn't at its end.
  mutating func consumptions(_ token: String, _ content: [UInt8], at now: Int64) throws(ServiceError) -> [Consumption]? {
    if let current = uses.firstIndex(where: { now - $0.time < Self.lifetime }) {
      uses.removeFirst(current)
    } else {
      uses = []
    }
    guard let use = uses.first(where: { $0.token == token }) else { return nil }
    guard use.content == content else {
      throw .service("IdempotentParameterMismatchException", "An error occurred (IdempotentParameterMismatchException)")
    }
    guard use.end <= now else {
      throw .service(
        "TransactionInProgressException", "The transaction with the given request token is already in progress.")
    }
    return use.consumptions
  }

  mutating func add(
    _ token: String, _ content: [UInt8], _ consumptions: [Consumption], at now: Int64, underWayUntil end: Int64
  ) {
    uses.append(Use(token: token, content: content, time: now, end: end, consumptions: consumptions))
  }
}

// As a snapshot keeps them.
extension TransactionTokens {
  var json: [JSONValue] {
    uses.map { use in
      .object([
        .init("token", .string(use.token)), .init("content", .string(String(decoding: use.content, as: UTF8.self))),
        .init("time", .number("\(use.time)")), .init("end", .number("\(use.end)")),
        .init("consumptions", .array(use.consumptions.map(\.json))),
      ])
    }
  }

  /// Takes one back, in the order in which they were kept; false if it is none.
  mutating func add(json: JSONValue) -> Bool {
    guard let token = json["token"]?.string, let content = json["content"]?.string, let time = json["time"]?.integer,
      let end = json["end"]?.integer, let consumptions = json["consumptions"]?.array
    else { return false }
    add(
      token, Array(content.utf8), consumptions.compactMap(Consumption.init(json:)), at: Int64(time), underWayUntil: Int64(end))
    return true
  }
}
