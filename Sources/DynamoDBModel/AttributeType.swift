/// The types a key attribute can have; the raw value is the wire's.
public enum ScalarType: String, Sendable, Hashable, CaseIterable {
  /// Text.
  case string = "S"
  /// An exact decimal.
  case number = "N"
  /// Bytes.
  case binary = "B"
}

/// The ten types of the wire.
@usableFromInline
package enum AttributeType: UInt8, Sendable, Hashable, CaseIterable, BitwiseCopyable {
  case string, number, binary, bool, null, list, map, stringSet, numberSet, binarySet

  /// The type's key in wire JSON.
  package var name: StaticString {
    switch self {
    case .string: "S"
    case .number: "N"
    case .binary: "B"
    case .bool: "BOOL"
    case .null: "NULL"
    case .list: "L"
    case .map: "M"
    case .stringSet: "SS"
    case .numberSet: "NS"
    case .binarySet: "BS"
    }
  }

  /// True for strings, numbers and binaries: what can be a key.
  package var isScalarKeyType: Bool { rawValue <= AttributeType.binary.rawValue }

  /// True for the three sets.
  package var isSet: Bool { rawValue >= AttributeType.stringSet.rawValue }

  /// The type of a set's members.
  package var member: AttributeType {
    switch self {
    case .stringSet: .string
    case .numberSet: .number
    case .binarySet: .binary
    default: self
    }
  }

  /// The key type as one of the ten.
  package init(_ scalar: ScalarType) {
    switch scalar {
    case .string: self = .string
    case .number: self = .number
    case .binary: self = .binary
    }
  }
}
