internal import ArgumentParsing
internal import DualTableScan

/// Something that a user can set: by flag, by environment, or in `dualtable.yaml`.
struct Setting<Value: Sendable>: Sendable {
  let declaration: SettingDeclaration
  let read: @Sendable (String) -> Value?
}

/// What is the same of settings of every type.
struct SettingDeclaration: Sendable {
  let option: Option
  /// Variables that are read after `DUALTABLE_…`: AWS's own.
  let variables: [String]
  /// What a value must be, to go on from "give".
  let expects: String
  let accepts: @Sendable (String) -> Bool

  var name: String { option.name }

  /// The kit's own variable: `--open-segments` is `DUALTABLE_OPEN_SEGMENTS`.
  var variable: String { "DUALTABLE_" + name.uppercased().replacing("-", with: "_") }
}

extension Setting {
  private init(_ option: Option, variables: [String] = [], expects: String, read: @escaping @Sendable (String) -> Value?) {
    declaration = SettingDeclaration(option: option, variables: variables, expects: expects, accepts: { read($0) != nil })
    self.read = read
  }
}

extension Setting where Value == String {
  static func text(
    _ name: String, _ placeholder: String, _ help: String, _ kind: ValueKind = .text, variables: [String] = [],
    default defaultText: String? = nil, isRequired: Bool = false
  ) -> Setting {
    let option = Option(name, placeholder, help, kind, default: defaultText, isRequired: isRequired)
    return Setting(option, variables: variables, expects: "something that isn't empty") { $0.isEmpty ? nil : $0 }
  }
}

extension Setting where Value == String {
  /// Text that has to be of some form.
  ///
  /// - Parameter expects: what `accepts` asks for, to go on from "give".
  static func text(
    _ name: String, _ placeholder: String, _ help: String, expects: String, isRequired: Bool = false,
    accepts: @escaping @Sendable (String) -> Bool
  ) -> Setting {
    Setting(Option(name, placeholder, help, isRequired: isRequired), expects: expects) { accepts($0) ? $0 : nil }
  }
}

extension Setting where Value == String {
  /// A table's name, or its ARN.
  static func table(_ name: String, _ help: String, isRequired: Bool = true) -> Setting {
    let expects = "a table's name, of 3 to 255 letters, digits, '_', '-' and '.', or its ARN"
    return Setting(Option(name, "table", help, isRequired: isRequired), expects: expects) { text in
      let table = text.hasPrefix("arn:") ? text.split(separator: "/").dropFirst().first.map { String($0) } ?? "" : text
      let isNamed = table.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || byte == 0x5F || byte == 0x2D || byte == 0x2E
      }
      return isNamed && (3...255).contains(table.utf8.count) ? text : nil
    }
  }
}

extension Setting where Value == CapacityBudget {
  /// Capacity units a second, or per cent of what is provisioned.
  static func budget(_ name: String, _ help: String) -> Setting {
    Setting(
      Option(name, "units", help), expects: "capacity units a second above zero, or a percentage as in 80%", read: CapacityBudget.init)
  }
}

extension Setting where Value == Int {
  static func number(_ name: String, _ help: String, in range: ClosedRange<Int>, default defaultText: String? = nil) -> Setting {
    let limits =
      range.upperBound == .max ? "of \(range.lowerBound) or more" : "from \(range.lowerBound) to \(Figures.count(range.upperBound))"
    return Setting(Option(name, "number", help, default: defaultText), expects: "a whole number \(limits)") { text in
      guard let first = text.first, first.isNumber, let value = Int(text), range.contains(value) else { return nil }
      return value
    }
  }
}

extension Setting where Value == Double {
  /// An amount, of 0 or more.
  static func amount(_ name: String, _ placeholder: String, _ help: String, default defaultText: String? = nil) -> Setting {
    Setting(Option(name, placeholder, help, default: defaultText), expects: "an amount as in 0.625") { text in
      guard let first = text.first, first.isNumber, let value = Double(text), value.isFinite, value <= 1e9 else { return nil }
      return value
    }
  }
}

extension Setting where Value == UInt64 {
  static func seed(_ name: String, _ help: String, default defaultText: String?) -> Setting {
    Setting(Option(name, "number", help, default: defaultText), expects: "a whole number of 0 or more, of at most 64 bits") { UInt64($0) }
  }
}

extension Setting where Value == Duration {
  static func duration(_ name: String, _ help: String, default defaultText: String? = nil) -> Setting {
    Setting(Option(name, "duration", help, default: defaultText), expects: "a time as in 90s, 14m or 1h30m") { text in
      Figures.duration(text).flatMap { $0 > .zero ? $0 : nil }
    }
  }
}

extension Setting where Value == Bytes {
  static func bytes(_ name: String, _ help: String, from least: Int, default defaultText: String) -> Setting {
    Setting(Option(name, "bytes", help, default: defaultText), expects: "a size as in 16MB, of \(least >> 20)MB or more") { text in
      Figures.bytes(text).flatMap { $0 >= least ? Bytes(count: $0) : nil }
    }
  }
}

/// A size in bytes, as opposed to a number.
struct Bytes: Sendable, Hashable {
  let count: Int
}

extension Setting where Value == Bool {
  static func flag(_ name: String, _ help: String) -> Setting {
    Setting(Option(flag: name, help), expects: "true or false") { ["true": true, "false": false][$0] }
  }
}

extension Setting where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  static func choice(
    _ name: String, _ placeholder: String, _ help: String, default defaultText: String? = nil, isRequired: Bool = false
  ) -> Setting {
    let values = Value.allCases.map(\.rawValue)
    let expects = values.count == 1 ? values[0] : "one of \(values.joined(separator: ", "))"
    return Setting(Option(name, placeholder, help, .oneOf(values), default: defaultText, isRequired: isRequired), expects: expects) {
      Value(rawValue: $0)
    }
  }
}
