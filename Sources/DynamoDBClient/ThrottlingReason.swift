/// One reason of a throttled request: which limit was met, and of what.
public struct ThrottlingReason: Sendable, Hashable {
  /// The limit, such as `TableWriteKeyRangeThroughputExceeded`.
  public let reason: String
  /// The ARN of the table or index.
  public let resource: String

  /// Makes a reason of the service's two texts.
  public init(reason: String, resource: String) {
    self.reason = reason
    self.resource = resource
  }

  /// True if one hot partition met its limit and the rest of the table didn't.
  public var isKeyRange: Bool { reason.hasSuffix("KeyRangeThroughputExceeded") }

  /// True if an index met its limit and holds up the table's writes.
  public var isIndex: Bool { reason.hasPrefix("Index") }
}
