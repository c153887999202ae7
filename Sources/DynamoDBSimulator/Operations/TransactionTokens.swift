/// The request tokens of transactions that were carried out: for ten minutes the same request does nothing again.
struct TransactionTokens: Sendable {
  private static let lifetime: Int64 = 600_000

  private struct Use: Sendable {
    let token: String
    /// The request's parts, as they came.
    let content: [UInt8]
    let time: Int64
    let consumptions: [Consumption]
  }

  /// In the order of their times.
  private var uses: [Use] = []

  /// What the transaction with this token took, if it was carried out.
  ///
  /// - Throws: `IdempotentParameterMismatchException` if it was another one.
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
    return use.consumptions
  }

  mutating func add(_ token: String, _ content: [UInt8], _ consumptions: [Consumption], at now: Int64) {
    uses.append(Use(token: token, content: content, time: now, consumptions: consumptions))
  }
}
