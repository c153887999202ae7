/// One thing that a mapping file gets wrong, with the place of the node it is about.
///
/// `description` is `file:line:column: error [code]: sentence`, which editors and CI understand.
public struct MappingFinding: Sendable, Hashable, CustomStringConvertible {
  /// Errors refuse the file, warnings don't.
  public enum Severity: String, Sendable {
    case error
    case warning
  }

  /// What kind of mistake it is; stable, for tests and tools.
  public struct Code: Sendable, Hashable, CustomStringConvertible {
    /// The code as it is printed.
    public let description: String

    private init(_ description: String) { self.description = description }

    /// A key that the language doesn't have at this place.
    public static let unknownKey = Code("unknown-key")
    /// A value of the wrong kind, or YAML that a mapping file may not use.
    public static let badValue = Code("bad-value")
    /// Two rules for one target.
    public static let duplicateTarget = Code("duplicate-target")
    /// A rule for a path and one for something below it.
    public static let pathConflict = Code("path-conflict")
    /// A key schema or a `key:` that lacks an attribute.
    public static let missingKeyAttribute = Code("missing-key-attribute")
    /// OLD's key doesn't follow from NEW's.
    public static let underivableOldKey = Code("underivable-old-key")
    /// Two blocks whose NEW keys can't be told apart.
    public static let overlappingBlocks = Code("overlapping-blocks")
    /// A use of the attribute that marks tombstones.
    public static let reservedName = Code("reserved-name")
    /// A name in `take` or a hole that its pattern doesn't have.
    public static let unknownHole = Code("unknown-hole")
    /// A template or path that can't be read, or not unambiguously.
    public static let badPattern = Code("bad-pattern")
    /// A pair of `was` and `type` that isn't one, or a type that doesn't fit.
    public static let badConversion = Code("bad-conversion")
    /// No inverse mapping exists.
    public static let notInvertible = Code("not-invertible")
    /// Over a limit on size, depth or count.
    public static let tooLarge = Code("too-large")
  }

  /// The file as it was named to the compiler.
  public let file: String
  /// Line, from 1.
  public let line: Int
  /// Column in characters, from 1.
  public let column: Int
  public let severity: Severity
  public let code: Code
  /// What is wrong and what would be right.
  public let sentence: String

  public var description: String {
    "\(file):\(line):\(column): \(severity.rawValue) [\(code)]: \(sentence)"
  }
}

/// Everything that a mapping file gets wrong, in file order, at most one finding a node.
public struct MappingFindings: Error, Sendable, CustomStringConvertible {
  public let findings: [MappingFinding]

  /// A line a finding.
  public var description: String {
    findings.map(\.description).joined(separator: "\n")
  }
}
