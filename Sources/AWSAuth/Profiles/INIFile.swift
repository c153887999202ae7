/// A file of profiles in the form that AWS's tools read: sections, options with values of one or more lines, and one level below.
///
/// The rules are those of Python's `configparser`, which botocore reads with: options in lower case, `=` or `:` behind them, lines that begin
/// with `#` or `;` are comments, a line indented deeper than its option goes on with its value, a section or an option twice is an error, and
/// what `[DEFAULT]` says holds in every section. A value that begins on the line below its option is a list of options itself.
struct INIFile: Sendable {
  typealias Section = [String: Value]

  enum Value: Sendable, Equatable {
    case text(String)
    case nested([String: String])
  }

  /// Why a file can't be read; no value of it is repeated.
  struct Fault: Error, Equatable {
    let line: Int
    /// Goes on from "line 3".
    let why: String
  }

  let sections: [String: Section]
  /// Their names as the file has them, one after the other.
  let names: [String]

  /// Reads a file's bytes.
  init(_ bytes: [UInt8]) throws(Fault) {
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Fault(line: 1, why: "or another one isn't UTF-8") }
    var reader = Reader()
    for (index, line) in Self.lines(text).enumerated() { try reader.read(line, number: index + 1) }
    var defaults = Section()
    for (option, lines) in reader.defaults { defaults[option] = try Self.value(lines) }
    var sections: [String: Section] = [:]
    for (name, options) in reader.sections {
      var section = defaults
      for (option, lines) in options { section[option] = try Self.value(lines) }
      sections[name] = section
    }
    self.sections = sections
    names = reader.names
  }

  /// What a value's lines come to.
  private static func value(_ found: Reader.Lines) throws(Fault) -> Value {
    let text = trimmingEnd(found.lines.joined(separator: "\n"))
    guard text.hasPrefix("\n") else { return .text(text) }
    var nested: [String: String] = [:]
    for line in text.split(separator: "\n") {
      let line = trimming(line)
      if line.isEmpty { continue }
      guard let equals = line.firstIndex(of: "=") else { throw Fault(line: found.number, why: "has below it a line without '='") }
      nested[trimming(line[..<equals])] = trimming(line[line.index(after: equals)...])
    }
    return .nested(nested)
  }

  private static func lines(_ text: String) -> [Substring.UnicodeScalarView] {
    // By scalars: to characters a carriage return and a line feed are one.
    var lines = text.unicodeScalars.split(omittingEmptySubsequences: false) { $0 == "\n" }
    if let first = lines.first, first.first == "\u{FEFF}" { lines[0] = first.dropFirst() }
    return lines.flatMap { $0.last == "\r" ? [$0.dropLast()] : $0.split(omittingEmptySubsequences: false) { $0 == "\r" } }
  }

  static func trimming(_ text: some StringProtocol) -> String {
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
      let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
    else { return "" }
    return String(String.UnicodeScalarView(scalars[first...last]))
  }

  private static func trimmingEnd(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let last = scalars.lastIndex(where: { !$0.properties.isWhitespace }) else { return "" }
    return String(String.UnicodeScalarView(scalars[...last]))
  }

  /// Takes in line after line.
  private struct Reader {
    struct Lines {
      let number: Int
      var lines: [String]
    }

    var sections: [String: [String: Lines]] = [:]
    var names: [String] = []
    var defaults: [String: Lines] = [:]
    private var section: String?
    private var option: String?
    private var indent = 0

    mutating func read(_ line: Substring.UnicodeScalarView, number: Int) throws(Fault) {
      let value = INIFile.trimming(Substring(line))
      if value.hasPrefix("#") || value.hasPrefix(";") { return }
      if value.isEmpty { return append("") }
      let indent = line.prefix { $0.properties.isWhitespace }.count
      if option != nil && indent > self.indent { return append(value) }
      self.indent = indent
      if value.hasPrefix("["), let end = value.lastIndex(of: "]"), end > value.index(after: value.startIndex) {
        return try begin(String(value[value.index(after: value.startIndex)..<end]), number)
      }
      guard let section else { throw Fault(line: number, why: "comes before any section") }
      guard let delimiter = value.firstIndex(where: { $0 == "=" || $0 == ":" }) else { throw Fault(line: number, why: "has no '='") }
      let name = INIFile.trimming(value[..<delimiter]).lowercased()
      if name.isEmpty { throw Fault(line: number, why: "has nothing before its '='") }
      let isDefault = section == "DEFAULT"
      if (isDefault ? defaults[name] : sections[section]?[name]) != nil { throw Fault(line: number, why: "gives an option again") }
      let found = Lines(number: number, lines: [INIFile.trimming(value[value.index(after: delimiter)...])])
      if isDefault { defaults[name] = found } else { sections[section]?[name] = found }
      option = name
    }

    private mutating func begin(_ name: String, _ number: Int) throws(Fault) {
      if name != "DEFAULT" {
        if sections[name] != nil { throw Fault(line: number, why: "begins a section again") }
        sections[name] = [:]
        names.append(name)
      }
      section = name
      option = nil
    }

    private mutating func append(_ line: String) {
      guard let section, let option else { return }
      if section == "DEFAULT" { defaults[option]?.lines.append(line) } else { sections[section]?[option]?.lines.append(line) }
    }
  }
}
