internal import DualTableMapping
internal import DynamoDBExpressions
internal import DynamoDBModel

/// What a test of NEW's sort key comes to on OLD's.
internal enum OldRange: Sendable, Hashable {
  /// No item of OLD's passes.
  case none
  /// All may.
  case all
  /// Those may that pass this.
  case test(KeyTest)
}

extension OldPartition {
  /// What OLD's sort key must be like for NEW's to pass `test`.
  internal func range(of test: KeyTest?) -> OldRange {
    guard let test else { return .all }
    return switch sortKey {
    case .unrelated, .ordered: .all
    case .constant(let value): test.holds(of: value) ? .all : .none
    case .prefixed(""): .test(test)
    case .prefixed(let prefix): Self.range(of: test, behind: prefix)
    }
  }

  /// NEW's sort key is `prefix` and OLD's, which is never empty.
  private static func range(of test: KeyTest, behind prefix: String) -> OldRange {
    switch test {
    case .comparison(let comparator, let value):
      guard let text = value.value.stringValue else { return .none }
      switch rest(of: text, behind: prefix) {
      case .same:
        let isBelow = comparator == .equal || comparator == .less || comparator == .lessOrEqual
        return isBelow ? .none : .all
      case .more(let rest): return .test(.comparison(comparator, value.with(rest)))
      case .other(let isGreater):
        switch comparator {
        case .less, .lessOrEqual: return isGreater ? .all : .none
        case .greater, .greaterOrEqual: return isGreater ? .none : .all
        case .equal, .notEqual: return .none
        }
      }
    case .between(let lower, let upper):
      let ranges = (
        range(of: .comparison(.greaterOrEqual, lower), behind: prefix), range(of: .comparison(.lessOrEqual, upper), behind: prefix)
      )
      switch ranges {
      case (.none, _), (_, .none): return .none
      case (.all, let other), (let other, .all): return other
      case (.test(.comparison(_, let lower)), .test(.comparison(_, let upper))): return .test(.between(lower, upper))
      case (.test, .test): return .all
      }
    case .beginsWith(let value):
      guard let text = value.value.stringValue else { return .none }
      if prefix.utf8.starts(with: text.utf8) { return .all }
      guard case .more(let rest) = rest(of: text, behind: prefix) else { return .none }
      return .test(.beginsWith(value.with(rest)))
    }
  }

  private enum Rest {
    /// The text is the prefix.
    case same
    /// The text begins with the prefix, and this follows.
    case more(String)
    /// It doesn't; it is greater or less than all that do.
    case other(isGreater: Bool)
  }

  private static func rest(of text: String, behind prefix: String) -> Rest {
    if UTF8Text.equal(text, prefix) { return .same }
    guard text.utf8.starts(with: prefix.utf8) else { return .other(isGreater: UTF8Text.less(prefix, text)) }
    return .more(String(decoding: text.utf8.dropFirst(prefix.utf8.count), as: UTF8.self))
  }
}

extension ExpressionValue {
  /// Another text under the same placeholder.
  fileprivate func with(_ text: String) -> ExpressionValue { ExpressionValue(placeholder: placeholder, value: .string(text)) }
}
