import DynamoDBModel

/// What a value is, as `was` and `type` name it.
package enum ValueFormat: String, Sendable, Hashable, CaseIterable, BitwiseCopyable {
  case string, number
  case epochSeconds = "epoch-seconds"
  case epochMilliseconds = "epoch-milliseconds"
  case iso8601
  case stringSet = "string-set"
  case numberSet = "number-set"
  case binarySet = "binary-set"
  case list, binary, base64, json, value

  /// The type of such a value on the wire; nil for `value`, which is any.
  var type: AttributeType? {
    switch self {
    case .string, .iso8601, .base64, .json: .string
    case .number, .epochSeconds, .epochMilliseconds: .number
    case .stringSet: .stringSet
    case .numberSet: .numberSet
    case .binarySet: .binarySet
    case .list: .list
    case .binary: .binary
    case .value: nil
    }
  }

  /// What a value of this format can be converted to.
  var targets: [ValueFormat] {
    switch self {
    case .string: [.number]
    case .number: [.string]
    case .epochSeconds: [.epochMilliseconds, .iso8601]
    case .epochMilliseconds: [.epochSeconds, .iso8601]
    case .iso8601: [.epochSeconds, .epochMilliseconds]
    case .stringSet, .numberSet, .binarySet: [.list]
    case .list: [.stringSet, .numberSet, .binarySet]
    case .binary: [.base64]
    case .base64: [.binary]
    case .json: [.value]
    case .value: [.json]
    }
  }
}

/// A change of type: `was` and `type` of a rule.
struct Conversion: Sendable, Hashable {
  let was: ValueFormat
  let type: ValueFormat
  /// What can't be undone is allowed.
  let isLossy: Bool

  /// The conversion back; nil if there is none.
  var inverse: Conversion? {
    isLossy || was == .value || type == .value ? nil : Conversion(was: type, type: was, isLossy: false)
  }

  /// True if one scalar's bytes become another's, which both executions do on bytes.
  var isScalar: Bool {
    switch (was, type) {
    case (.list, _), (_, .list), (.value, _), (_, .value): false
    default: true
    }
  }
}
