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
  /// The file's own rules over NEW's key, one for each attribute of OLD's; none where OLD's key is derived.
  let oldKey: [RuleForm]
  /// What the inverse does that can't be derived.
  let revert: RevertForm?

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
  let places: Places

  /// Why no item at all can be converted; nil if some can.
  func hopelessness(_ old: KeySchema) -> String? {
    let taken = rules.compactMap(\.sourcePath) + drop
    let left = old.attributes.map { AttributePath($0.name) }.filter { path in rest == .error && !taken.contains { $0.isPrefix(of: path) } }
    if left.isEmpty { return nil }
    let names = left.map { quoted($0.description) }.joined(separator: " and ")
    return "every item has \(names), which no rule takes (templates only read): with `rest: error` none can be converted"
  }

  /// Where the file says what the inverse may fail on.
  struct Places: Sendable {
    var block: YAMLPlace
    var rest: YAMLPlace
    var skipWhen: YAMLPlace
    /// By index of `drop`.
    var drop: [YAMLPlace]

    static let none = Places(block: .none, rest: .none, skipWhen: .none, drop: [])
  }
}

/// `revert`: parts of the inverse's block, in its own terms: sources are NEW's, targets OLD's.
struct RevertForm: Sendable {
  var attributes: [RuleForm] = []
  var drop: [AttributePath] = []
  var rest: BlockForm.Rest?
  var skipWhen: ConditionForm?
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

  /// Where the value comes from; nil for constants and templates, which only read.
  var sourcePath: AttributePath? {
    if case .path(let path) = source { path } else { nil }
  }

  /// The paths that are read: by the source, and by `when`.
  var reads: [AttributePath] {
    let paths: [AttributePath] =
      switch source {
      case .path(let path): [path]
      case .constant: []
      case .template(let template): template.holes
      }
    return paths + (condition?.places ?? [])
  }

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

  /// By canonical form.
  let entries: [Entry]
  let otherwise: Otherwise
  /// Results by value: a table may be long.
  private let results: [AttributeValue: AttributeValue]
  /// Values by result; of several with one result any.
  private let origins: [AttributeValue: AttributeValue]

  /// - Parameter entries: each value once, in any order.
  init(_ entries: [Entry], otherwise: Otherwise) {
    let keyed = entries.map { (entry: $0, bytes: $0.from.canonicalBytes) }
    self.entries = keyed.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }.map(\.entry)
    self.otherwise = otherwise
    results = Dictionary(entries.map { ($0.from, $0.to) }) { first, _ in first }
    origins = Dictionary(entries.map { ($0.to, $0.from) }) { first, _ in first }
  }

  /// What the table has for `value`.
  func result(of value: AttributeValue) -> AttributeValue? { results[value] }

  /// The value that gives `result`.
  func origin(of result: AttributeValue) -> AttributeValue? { origins[result] }

  /// True if each result has one origin.
  var isInjective: Bool { origins.count == entries.count }
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
