import DynamoDBModel

extension StepForm {
  /// What the step makes of `value`; nil for an absent target. `each` runs where its plan is: here is what it doesn't take.
  func apply(to value: AttributeValue) throws(ConversionFault) -> AttributeValue? {
    switch self {
    case .convert(let conversion): return try conversion.convert(value)
    case .eachBlock, .eachValue: throw .wrongType
    case .parse(let template, let hole):
      guard let text = value.stringValue else { throw .wrongType }
      guard let texts = template.parse(text) else { throw .unmatchedValue }
      return .string(texts[hole])
    case .lookup(let table):
      if let result = table.result(of: value) { return result }
      switch table.otherwise {
      case .error: throw .unmatchedValue
      case .keep: return value
      case .drop: return nil
      case .constant(let other): return other
      }
    }
  }
}

extension Fallback {
  /// True if the default stands in for `value`.
  func applies(to value: AttributeValue?) -> Bool {
    switch value {
    case nil: occasions.contains(.absent)
    case .null?: occasions.contains(.null)
    case .string(let text)?: text.isEmpty && occasions.contains(.empty)
    case .binary(let bytes)?: bytes.isEmpty && occasions.contains(.empty)
    case .list(let values)?: values.isEmpty && occasions.contains(.empty)
    case .map(let map)?: map.isEmpty && occasions.contains(.empty)
    default: false
    }
  }
}

extension AttributeValue {
  /// Levels of lists and maps, this value's own included; 0 for all other types.
  var depth: Int {
    switch self {
    case .list(let values): 1 + (values.lazy.map(\.depth).max() ?? 0)
    case .map(let map): 1 + (map.lazy.map(\.value.depth).max() ?? 0)
    default: 0
    }
  }
}
