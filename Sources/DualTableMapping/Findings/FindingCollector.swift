/// Gathers findings while a file is read, one a node, and hands them out in file order.
struct FindingCollector {
  private let file: String
  private var findings: [(place: YAMLPlace, finding: MappingFinding)] = []
  private var places: Set<YAMLPlace> = []
  private(set) var hasErrors = false

  init(file: String) { self.file = file }

  /// Notes an error about the node at `place`, unless one is noted there: the first is the cause, later ones its consequences.
  mutating func error(_ code: MappingFinding.Code, at place: YAMLPlace, _ sentence: String) {
    add(.error, code, place, sentence)
  }

  mutating func warning(_ code: MappingFinding.Code, at place: YAMLPlace, _ sentence: String) {
    add(.warning, code, place, sentence)
  }

  /// Notes each key of `entries` that stands twice.
  mutating func refuseDuplicates(in entries: [YAMLEntry], code: MappingFinding.Code = .badValue) {
    var first: [String: YAMLPlace] = [:]
    for entry in entries {
      if let place = first[entry.key] {
        error(code, at: entry.keyPlace, "\(quoted(entry.key)) stands twice, first in line \(place.line)")
      } else {
        first[entry.key] = entry.keyPlace
      }
    }
  }

  /// All findings in file order.
  var sorted: [MappingFinding] {
    findings.sorted { $0.place < $1.place }.map(\.finding)
  }

  func throwErrors() throws(MappingFindings) {
    if hasErrors { throw MappingFindings(findings: sorted) }
  }

  private mutating func add(_ severity: MappingFinding.Severity, _ code: MappingFinding.Code, _ place: YAMLPlace, _ sentence: String) {
    if severity == .error { hasErrors = true }
    guard places.insert(place).inserted else { return }
    let finding = MappingFinding(
      file: file, line: place.line, column: place.column, severity: severity, code: code, sentence: sentence)
    findings.append((place, finding))
  }
}

/// `text` in backquotes, on one line and at most 60 characters long, whatever a file puts there.
func quoted(_ text: String) -> String {
  var shown = ""
  for character in text.unicodeScalars.prefix(60) {
    shown.unicodeScalars.append(character.properties.generalCategory == .control ? "\u{FFFD}" : character)
  }
  if text.unicodeScalars.count > 60 { shown += "…" }
  return "`\(shown)`"
}
