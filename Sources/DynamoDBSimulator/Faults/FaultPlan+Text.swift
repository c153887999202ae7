extension FaultPlan {
  /// A part of a plan's text that says nothing.
  package struct TextError: Error, Sendable, CustomStringConvertible {
    package let description: String
  }

  /// The chances by the names that a plan's text has for them.
  private static let chances: [(name: String, path: any WritableKeyPath<FaultPlan, Double> & Sendable)] = [
    ("throttled", \.throttled), ("failed-before", \.failedBefore), ("failed-after", \.failedAfter), ("unavailable", \.unavailable),
    ("lost-request", \.lostRequest), ("lost-answer", \.lostAnswer), ("duplicated", \.duplicated), ("late", \.late), ("reset", \.reset),
    ("truncated", \.truncated), ("corrupted", \.corrupted), ("expired", \.expired), ("reordered", \.reordered),
  ]

  /// The names that `init(text:seed:)` knows, with what each takes.
  package static var names: [String] {
    chances.map { "\($0.name)=CHANCE" }
      + [
        "delay=TIME[..TIME]", "lateness=TIME[..TIME]", "transaction=TIME", "skew=TIME", "storm=EVERY/LASTING[/CHANCE]", "slow=TABLE:TIME",
        "gone=TABLE:FROM..TO",
      ]
  }

  /// Reads a plan from one line: parts such as `lost-answer=0.01`, `delay=1ms..20ms`, `storm=60s/5s` or `slow=users:200ms`, with commas
  /// between them. Times are numbers with `us`, `ms`, `s`, `m` or `h`; `slow` and `gone` may come more than once.
  package init(text: String, seed: UInt64) throws(TextError) {
    self.init(seed: seed)
    for part in text.split(separator: ",") {
      let pair = part.split(separator: "=", maxSplits: 1).map { String($0).trimmingBlanks() }
      guard pair.count == 2, try set(pair[0], to: pair[1]) else {
        throw TextError(description: "The fault \"\(part)\" isn't known; there are \(Self.names.joined(separator: ", ")).")
      }
    }
    let sum = Self.chances.dropLast().reduce(0) { $0 + self[keyPath: $1.path] }
    guard sum <= 1.000_001 else { throw TextError(description: "The chances of all faults together are \(sum), more than 1.") }
  }

  /// False if nothing is called so.
  private mutating func set(_ name: String, to value: String) throws(TextError) -> Bool {
    if let chance = Self.chances.first(where: { $0.name == name }) {
      self[keyPath: chance.path] = try Self.chance(value, name)
      return true
    }
    switch name {
    case "delay": delay = try Self.span(value, name)
    case "lateness": lateness = try Self.span(value, name)
    case "transaction":
      transactionTime = try Self.time(value, name)
      guard transactionTime >= .zero else { throw Self.unreadable(value, name, "5ms") }
    case "skew": clockSkew = try Self.time(value, name)
    case "storm":
      let parts = value.split(separator: "/").map { String($0) }
      guard (2...3).contains(parts.count) else { throw Self.unreadable(value, name, "60s/5s or 60s/5s/0.5") }
      storm = Storm(
        every: try Self.time(parts[0], name), lasting: try Self.time(parts[1], name),
        chance: parts.count == 3 ? try Self.chance(parts[2], name) : 1)
    case "slow":
      let (table, time) = try Self.table(value, name, "users:200ms")
      slowTables[table] = try Self.time(time, name)
    case "gone":
      let (table, time) = try Self.table(value, name, "users:10s..20s")
      let span = try Self.span(time, name)
      outages.append(Outage(of: table, span.lowerBound..<span.upperBound))
    default: return false
    }
    return true
  }

  private static func unreadable(_ value: String, _ name: String, _ example: String) -> TextError {
    TextError(description: "\"\(value)\" can't be the value of the fault \(name); write it as in \(name)=\(example).")
  }

  private static func chance(_ value: String, _ name: String) throws(TextError) -> Double {
    guard let chance = Double(value), (0...1).contains(chance) else { throw unreadable(value, name, "0.05") }
    return chance
  }

  private static func table(_ value: String, _ name: String, _ example: String) throws(TextError) -> (String, String) {
    let parts = value.split(separator: ":", maxSplits: 1).map { String($0) }
    guard parts.count == 2 else { throw unreadable(value, name, example) }
    return (parts[0], parts[1])
  }

  /// One time, or two with dots between them.
  private static func span(_ value: String, _ name: String) throws(TextError) -> ClosedRange<Duration> {
    let dots = value.split(separator: "..", maxSplits: 1).map { String($0) }
    let (low, high) = (try time(dots[0], name), try time(dots[dots.count - 1], name))
    guard .zero <= low, low <= high else { throw unreadable(value, name, "1ms..20ms") }
    return low...high
  }

  private static func time(_ value: String, _ name: String) throws(TextError) -> Duration {
    let digits = value.prefix { $0.isNumber || $0 == "." || $0 == "-" }
    let units: [Substring: Double] = ["us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3_600]
    guard let number = Double(digits), let unit = units[value[digits.endIndex...]], abs(number * unit) < 1e9 else {
      throw unreadable(value, name, "20ms")
    }
    return .seconds(number * unit)
  }
}

extension String {
  fileprivate func trimmingBlanks() -> String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
