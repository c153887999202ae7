import DynamoDBModel

/// Why one item can't be converted: the rule, the path and the type that was found, never the item's data.
public struct ConversionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kind of failure; stable, for tests and dead letters.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Name: String {
      case wrongType, notReversible, invalidValue, unmatchedValue, missingKey, wrongKeyType, emptyKey, keyTooLong
      case occupiedTarget, unmappedAttribute, reservedName, itemTooLarge, tooDeep, duplicateKey, keyMismatch, invalidItem, other
    }

    private let name: Name
    private init(_ name: Name) { self.name = name }

    /// The source isn't of the type that the rule takes.
    public static let wrongType = Code(.wrongType)
    /// The value would not come back the same, and the rule isn't `lossy`.
    public static let notReversible = Code(.notReversible)
    /// The value isn't what its rule says it is: not a number, not a time, out of range.
    public static let invalidValue = Code(.invalidValue)
    /// A pattern or a lookup doesn't know the value.
    public static let unmatchedValue = Code(.unmatchedValue)
    /// A key attribute of NEW would be absent.
    public static let missingKey = Code(.missingKey)
    /// A key attribute of NEW would be of another type than its schema says.
    public static let wrongKeyType = Code(.wrongKeyType)
    /// A key attribute of NEW would be empty.
    public static let emptyKey = Code(.emptyKey)
    /// A key attribute of NEW would be over the service's limit.
    public static let keyTooLong = Code(.keyTooLong)
    /// The item has something that `rest` keeps where a rule writes, or would write if it had something to write.
    public static let occupiedTarget = Code(.occupiedTarget)
    /// No rule takes an attribute, and `rest` is `error`.
    public static let unmappedAttribute = Code(.unmappedAttribute)
    /// The item has the attribute that marks tombstones.
    public static let reservedName = Code(.reservedName)
    /// The result would have over 400 KB.
    public static let itemTooLarge = Code(.itemTooLarge)
    /// The result would be nested over 32 levels deep.
    public static let tooDeep = Code(.tooDeep)
    /// Two results of one item would have one key.
    public static let duplicateKey = Code(.duplicateKey)
    /// The result's key doesn't lead back to the item.
    public static let keyMismatch = Code(.keyMismatch)
    /// The item is no item of OLD: malformed, or without its key.
    public static let invalidItem = Code(.invalidItem)
    /// A failure of a mapping in Swift.
    public static let other = Code(.other)

    /// The code as it is printed.
    public var description: String { name.rawValue }

    /// What the code of that name means; nil where there is none.
    package static func sentence(of name: String) -> String? { Name(rawValue: name).map { Code($0).sentence } }

    fileprivate var sentence: String {
      switch name {
      case .wrongType: "the source is not of the type that the rule takes"
      case .notReversible: "the value would not come back the same; `lossy: true` allows that"
      case .invalidValue: "the value is not what the rule says it is, or out of range"
      case .unmatchedValue: "the rule's pattern or lookup has no such value"
      case .missingKey: "a key attribute of the new item would be missing"
      case .wrongKeyType: "a key attribute of the new item would be of another type than the key schema says"
      case .emptyKey: "a key attribute of the new item would be empty"
      case .keyTooLong: "a partition key has at most 2,048 bytes, a sort key 1,024"
      case .occupiedTarget: "the item has something at the rule's target that `rest` keeps"
      case .unmappedAttribute: "no rule takes this attribute and `rest` is `error`"
      case .reservedName: "the item has the attribute that marks tombstones"
      case .itemTooLarge: "the new item would have over 409,600 bytes"
      case .tooDeep: "the new item would be nested over 32 levels deep"
      case .duplicateKey: "two new items of one old item would have one key"
      case .keyMismatch: "the new key does not lead back to the old item"
      case .invalidItem: "this is no item of the old table"
      case .other: "the mapping refuses the item"
      }
    }
  }

  /// The kind of failure.
  public let code: Code
  /// The target path of the rule that failed; nil where no rule is to blame.
  public let rule: String?
  /// The path in the OLD item; nil where none is to blame.
  public let path: String?
  /// The DynamoDB type found there (`S`, `M`, …); nil if it doesn't matter.
  public let found: String?
  /// One sentence.
  public let message: String

  /// An error of a mapping in Swift; `message` must not hold the item's data.
  public init(_ code: Code, rule: String? = nil, path: String? = nil, found: String? = nil, message: String? = nil) {
    self.code = code
    self.rule = rule
    self.path = path
    self.found = found
    self.message = message ?? code.sentence
  }

  init(_ code: Code, rule: String?, path: String?, found: AttributeType?) {
    self.init(code, rule: rule, path: path, found: found.map { "\($0.name)" })
  }

  init(keyError: DynamoDBModelError, rule: String, found: AttributeType?) {
    let code: Code =
      switch keyError.code {
      case .keyMissing: .missingKey
      case .keyEmpty: .emptyKey
      case .keyTooLong: .keyTooLong
      default: .wrongKeyType
      }
    self.init(code, rule: rule, path: nil, found: found)
  }

  /// Code, rule, path, type found and sentence, on one line.
  public var description: String {
    var parts = [code.description]
    if let rule { parts.append("rule \(quoted(rule))") }
    if let path { parts.append("path \(quoted(path))") }
    if let found { parts.append("found \(found)") }
    return parts.joined(separator: ", ") + ": " + message
  }
}
