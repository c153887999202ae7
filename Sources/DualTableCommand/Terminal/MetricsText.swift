/// Figures in Prometheus' text format, version 0.0.4: samples of one name stand together below its help and type.
struct MetricsText {
  enum Kind: String {
    case counter, gauge
  }

  /// Prometheus 3 takes nothing that doesn't say what it is.
  static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

  private var families: [(name: String, lines: [String])] = []

  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double, _ labels: [(String, String)] = []) {
    if families.last?.name != name {
      // Samples of a name that came before go on there.
      if let index = families.firstIndex(where: { $0.name == name }) {
        families.append(families.remove(at: index))
      } else {
        families.append((name, ["# HELP \(name) \(help)", "# TYPE \(name) \(kind.rawValue)"]))
      }
    }
    let shown = labels.isEmpty ? "" : "{\(labels.map { "\($0)=\"\(Self.escaped($1))\"" }.joined(separator: ","))}"
    families[families.count - 1].lines.append("\(name)\(shown) \(value)")
  }

  var text: String { families.flatMap(\.lines).map { $0 + "\n" }.joined() }

  // Scalar by scalar: a quote with an accent on it is one character, and another one than a quote.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\", "\"": escaped += "\\\(scalar)"
      case "\n": escaped += "\\n"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
