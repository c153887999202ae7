/// Why bytes or values aren't what DynamoDB takes: a code, where in the input, and never any of the input itself.
public struct DynamoDBModelError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What rule was broken.
  public let code: Code
  /// The byte offset in the input at which the rule broke; nil where a value and no text was judged.
  public let offset: Int?

  package init(_ code: Code, at offset: Int? = nil) {
    self.code = code
    self.offset = offset
  }

  /// One sentence: what is wrong, and what would be right.
  public var message: String { code.sentence }

  /// Code, offset and sentence, on one line.
  public var description: String {
    if let offset { return "\(code) at byte \(offset): \(message)" }
    return "\(code): \(message)"
  }
}

extension DynamoDBModelError {
  /// The rules that input can break.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    private enum Name: String {
      case malformed, truncated, trailingBytes, tooDeep
      case invalidUTF8, invalidEscape, loneSurrogate, controlCharacter
      case emptyName, duplicateName
      case unknownType, notOneType, wrongJSONType
      case invalidNumber, numberTooPrecise, numberOutOfRange
      case invalidBase64, nullNotTrue, emptySet, duplicateMember
      case wrongCount, itemTooLarge, keyMissing, keyWrongType, keyEmpty, keyTooLong
    }

    private let name: Name
    private init(_ name: Name) { self.name = name }

    /// The bytes aren't JSON of the shape that belongs here.
    public static let malformed = Code(.malformed)
    /// The input ends too early.
    public static let truncated = Code(.truncated)
    /// Something follows the value.
    public static let trailingBytes = Code(.trailingBytes)
    /// Nested deeper than 32 levels, the item included.
    public static let tooDeep = Code(.tooDeep)
    /// Not UTF-8: a stray, missing or overlong byte, a surrogate, or beyond U+10FFFF.
    public static let invalidUTF8 = Code(.invalidUTF8)
    /// A backslash with something behind it that JSON doesn't know.
    public static let invalidEscape = Code(.invalidEscape)
    /// Half of a surrogate pair, written as an escape.
    public static let loneSurrogate = Code(.loneSurrogate)
    /// A control character that isn't escaped.
    public static let controlCharacter = Code(.controlCharacter)
    /// An attribute without a name.
    public static let emptyName = Code(.emptyName)
    /// An attribute name twice in one map.
    public static let duplicateName = Code(.duplicateName)
    /// A type key that isn't one of the ten.
    public static let unknownType = Code(.unknownType)
    /// No type key, or more than one, in one value.
    public static let notOneType = Code(.notOneType)
    /// A type key with another JSON type behind it than it takes.
    public static let wrongJSONType = Code(.wrongJSONType)
    /// Not a decimal number.
    public static let invalidNumber = Code(.invalidNumber)
    /// More than 38 significant digits.
    public static let numberTooPrecise = Code(.numberTooPrecise)
    /// Neither zero nor between 1e-130 and 9.99…e125 in magnitude.
    public static let numberOutOfRange = Code(.numberOutOfRange)
    /// Not base64 with padding.
    public static let invalidBase64 = Code(.invalidBase64)
    /// A `NULL` that isn't `true`.
    public static let nullNotTrue = Code(.nullNotTrue)
    /// A set without members.
    public static let emptySet = Code(.emptySet)
    /// A set member twice, numbers compared by value.
    public static let duplicateMember = Code(.duplicateMember)
    /// A page that holds another number of items than it says.
    public static let wrongCount = Code(.wrongCount)
    /// More than 400 KB.
    public static let itemTooLarge = Code(.itemTooLarge)
    /// A key attribute is missing.
    public static let keyMissing = Code(.keyMissing)
    /// A key attribute is of another type than the table's key schema says.
    public static let keyWrongType = Code(.keyWrongType)
    /// A key attribute is an empty string or binary.
    public static let keyEmpty = Code(.keyEmpty)
    /// A key attribute is longer than 2,048 bytes (partition key) or 1,024 bytes (sort key).
    public static let keyTooLong = Code(.keyTooLong)

    /// The code's name.
    public var description: String { name.rawValue }

    internal var sentence: String {
      switch name {
      case .malformed: "this isn't JSON of the shape that belongs here"
      case .truncated: "the input ends before the value does"
      case .trailingBytes: "nothing may follow the value"
      case .tooDeep: "values may be nested 32 levels deep, the item included"
      case .invalidUTF8: "text must be well-formed UTF-8"
      case .invalidEscape: "JSON has no such escape"
      case .loneSurrogate: "a surrogate escape needs its other half right behind it"
      case .controlCharacter: "control characters in text must be escaped"
      case .emptyName: "an attribute name needs at least one character"
      case .duplicateName: "an attribute name may stand only once in a map"
      case .unknownType: "the type must be one of S, N, B, BOOL, NULL, L, M, SS, NS and BS"
      case .notOneType: "an attribute value has exactly one type"
      case .wrongJSONType: "this type takes another JSON type (numbers travel as strings)"
      case .invalidNumber: "a number is decimal digits with optional sign, point and exponent"
      case .numberTooPrecise: "a number has at most 38 significant digits"
      case .numberOutOfRange: "a number's magnitude is zero or lies between 1e-130 and 9.99e125"
      case .invalidBase64: "binary values are base64 in the standard alphabet, padded, without blanks"
      case .nullNotTrue: "NULL takes true only"
      case .emptySet: "a set needs at least one member"
      case .duplicateMember: "a set's members must differ"
      case .wrongCount: "the page holds another number of items than its Count says; it must be asked for again"
      case .itemTooLarge: "an item has at most 409,600 bytes, attribute names included"
      case .keyMissing: "every key attribute must be there"
      case .keyWrongType: "a key attribute must have the type that the key schema says"
      case .keyEmpty: "a key attribute can't be empty"
      case .keyTooLong: "a partition key has at most 2,048 bytes, a sort key 1,024"
      }
    }
  }
}
