import DynamoDBModel

/// The compiled form: what a mapping says, checked, defaults filled in, rules in the order of their targets.
///
/// Both executions, the keys back, the digest and the inverse are made from it; neither the file's layout nor the order of its lines is left.
struct MappingForm: Sendable {
  let old: TableForm
  let new: TableForm
  /// The attribute that marks tombstones.
  let reserved: String
  let timeToLive: TimeToLive?
  /// OLD's index that a query goes to where NEW's partition doesn't fix OLD's.
  let queryIndex: String?
  /// Whether NEW's order of sort keys is OLD's, where the file states it.
  let keepsOrder: Bool?
  /// Items that yield nothing.
  let skipWhen: ConditionForm?
  /// At least one; exactly one is primary.
  let blocks: [BlockForm]

  struct TimeToLive: Sendable, Hashable {
    let old: String?
    let new: String?
  }
}

/// A table's keys, and those of its indexes.
struct TableForm: Sendable, Hashable {
  let keys: KeySchema
  let indexes: [IndexForm]
}

struct IndexForm: Sendable, Hashable {
  let name: String
  let keys: KeySchema
}

/// How an OLD item becomes one NEW item.
struct BlockForm: Sendable {
  enum Rest: String, Sendable, Hashable, CaseIterable {
    case keep, drop, error
  }

  /// Empty for the one block of a mapping without `items`.
  let name: String
  let isPrimary: Bool
  let skipWhen: ConditionForm?
  /// By target; no target is another's parent.
  let rules: [RuleForm]
  let drop: [AttributePath]
  let rest: Rest
  /// How each attribute of OLD's key comes out of NEW's; nil for a block of `each`, which has no key.
  let keysBack: KeyInversion?
}

/// How one target gets its value.
struct RuleForm: Sendable {
  enum Source: Sendable, Hashable {
    case path(AttributePath)
    case constant(AttributeValue)
    case template(Template)
  }

  let target: AttributePath
  /// The key attribute that the rule makes; nil for `attributes`.
  let key: KeyPart?
  let source: Source
  /// Applied in this order.
  let steps: [StepForm]
  let fallback: Fallback?
  let condition: ConditionForm?
  /// The template's holes may be lost in it.
  let isLossy: Bool
  /// Where the file says it, for findings.
  let place: YAMLPlace

  /// True if the target is the source, unchanged: the rule only says that it stays.
  var isInPlace: Bool { source == .path(target) && steps.isEmpty && fallback == nil && condition == nil }
}

/// A key attribute of NEW.
struct KeyPart: Sendable, Hashable {
  let isHash: Bool
  let type: AttributeType
}

indirect enum StepForm: Sendable {
  case parse(Template, hole: Int)
  case lookup(LookupForm)
  case convert(Conversion)
  /// For each map in a list or map.
  case eachBlock(BlockForm)
  /// For each scalar in a list.
  case eachValue([StepForm])
}

struct LookupForm: Sendable, Hashable {
  enum Otherwise: Sendable, Hashable {
    case error, keep, drop
    case constant(AttributeValue)
  }

  struct Entry: Sendable, Hashable {
    let from: AttributeValue
    let to: AttributeValue
  }

  let entries: [Entry]
  let otherwise: Otherwise

  /// True if each result has one origin.
  var isInjective: Bool { Set(entries.map(\.to)).count == entries.count }
}

/// `default` and `default-when`.
struct Fallback: Sendable, Hashable {
  struct Occasions: OptionSet, Sendable, Hashable {
    let rawValue: UInt8
    static let absent = Occasions(rawValue: 1)
    static let null = Occasions(rawValue: 2)
    static let empty = Occasions(rawValue: 4)
  }

  let value: AttributeValue
  let occasions: Occasions
}
