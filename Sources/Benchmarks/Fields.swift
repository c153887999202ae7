/// What a child process reports: one `name=value` a line.
struct Fields {
  private var lines: [(name: Substring, value: Substring)] = []

  init() {}

  init(_ text: String) {
    for line in text.split(separator: "\n") {
      guard let equals = line.firstIndex(of: "=") else { continue }
      lines.append((line[..<equals], line[line.index(after: equals)...]))
    }
  }

  subscript(_ name: String) -> String? {
    lines.first { $0.name == name }.map { String($0.value) }
  }

  func number(_ name: String) throws(Failure) -> Double {
    guard let text = self[name], let value = Double(text) else { throw Failure("a child process didn't report \(name)") }
    return value
  }

  mutating func set(_ name: String, _ value: some CustomStringConvertible) {
    lines.append((Substring(name), Substring(value.description)))
  }

  var text: String {
    lines.map { "\($0.name)=\($0.value)\n" }.joined()
  }
}
