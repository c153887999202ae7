import Glibc

/// A breach of the house's rules.
struct TidyFinding: Equatable, CustomStringConvertible {
  let path: String
  let line: Int
  let rule: String

  var description: String { "\(path):\(line): \(rule)" }
}

/// What can be told from a file alone.
struct TidyRules {
  static let lineLimit = 600

  /// A pattern of code that is a breach wherever its scope holds.
  struct Pattern {
    let rule: String
    /// One of these is in every match: files without any needn't be searched line by line.
    let needles: [String]
    let applies: @Sendable (Path) -> Bool
    let matches: @Sendable (String) -> Bool
  }

  /// A file's place in the tree.
  struct Path {
    let text: String
    var parts: [Substring] { text.split(separator: "/") }
    var isSource: Bool { text.hasPrefix("Sources/") }
    /// The target's folder.
    var room: String { parts.count > 1 ? String(parts[1]) : "" }
    var isOutermost: Bool { Rooms.outermost.contains(room) }
    var isTerminal: Bool { isOutermost && parts.last == "Terminal.swift" }
  }

  static let patterns: [Pattern] = [
    Pattern(rule: "only the terminal prints", needles: ["print(", "Print(", "dump("], applies: { !$0.isTerminal }) {
      $0.contains(#/(^|[^\w.])(debugPrint|print|dump)\(/#) && !$0.contains("to: &")
    },
    Pattern(rule: "time is handed in", needles: ["Date", "sleep"], applies: { !$0.isOutermost }) {
      $0.contains(#/\bDate\(\)|\bDate\.now\b|\bTask\.sleep\b/#)
    },
    Pattern(rule: "randomness is handed in", needles: [".random", ".shuffle", "SystemRandom"], applies: { !$0.isOutermost }) {
      $0.contains(#/\.(random|randomElement|shuffled|shuffle)\(|\bSystemRandomNumberGenerator\b/#) && !$0.contains("using:")
    },
    Pattern(rule: "a bare task loses the executor", needles: ["Task {", "Task{", "Task.detached"], applies: { _ in true }) {
      $0.contains(#/\bTask\s*\{|\bTask\.detached\b/#)
    },
    Pattern(rule: "an error is handled or passed on", needles: ["try!"], applies: { _ in true }) { $0.contains("try!") },
    Pattern(rule: "shared state has a lock or an owner", needles: ["nonisolated(unsafe)"], applies: { _ in true }) {
      $0.contains("nonisolated(unsafe)")
    },
    // In an async function's frame the compiler aligns a vector to its size; task memory is aligned to 16 bytes, and what is freed is then
    // not what was allocated.
    Pattern(rule: "a stored vector has 16 bytes at most", needles: ["SIMD"], applies: { _ in true }) {
      $0.contains(
        #/\b(var|let) \w+(:| =) SIMD((32|64)<|16<(U?Int(16|32|64)?|Float|Double)>|8<(U?Int(32|64)?|Float|Double)>|4<(U?Int(64)?|Double)>)/#)
    },
  ]

  /// Everything that is wrong with a file.
  ///
  /// - Parameter path: from the repository's top.
  static func findings(path: String, text: String) -> [TidyFinding] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var findings: [TidyFinding] = []
    let count = lines.last == "" ? lines.count - 1 : lines.count
    if count > lineLimit { findings.append(TidyFinding(path: path, line: count, rule: "a file has at most \(lineLimit) lines")) }
    if path == "Package.swift" { findings += packageFindings(text) }
    guard path.hasSuffix(".swift") else { return findings }
    let place = Path(text: path)
    if place.isSource {
      for (index, line) in lines.enumerated() where line.contains("import ") {
        guard let objection = importObjection(line, room: place.room) else { continue }
        findings.append(TidyFinding(path: path, line: index + 1, rule: objection))
      }
    }
    return findings + codeFindings(place, text)
  }

  /// What is wrong with the code; files without anything suspicious in them aren't even taken apart.
  private static func codeFindings(_ place: Path, _ text: String) -> [TidyFinding] {
    func holds(_ needle: String) -> Bool { unsafe strstr(text, needle) != nil }
    let patterns = Self.patterns.filter { $0.applies(place) && $0.needles.contains(where: holds) }
    let isMarked = ["TODO", "FIXME", "XXX"].contains(where: holds)
    guard !patterns.isEmpty || isMarked || holds("@unchecked Sendable") else { return [] }
    let swift = SwiftText(text)
    var findings: [TidyFinding] = []
    for (index, code) in swift.code.enumerated() {
      func add(_ rule: String) { findings.append(TidyFinding(path: place.text, line: index + 1, rule: rule)) }
      for pattern in patterns where pattern.matches(code) { add(pattern.rule) }
      if unsafe strstr(code, "@unchecked Sendable") != nil && !isExplained(swift.comments, at: index) {
        add("unchecked sendability says why it is sound")
      }
      if isMarked && swift.comments[index].contains(#/\b(TODO|FIXME|XXX)\b/#) { add("unfinished work isn't left as a comment") }
    }
    return findings
  }

  /// What lies beside the package's own files at the top; dot files and what git ignores are left out by the caller.
  static func findings(top names: [String]) -> [TidyFinding] {
    let allowed: Set = ["Package.swift", "Sources", "Tests", "Mappings", "README.md", "CHANGELOG.md"]
    return names.filter { !allowed.contains($0) }.map {
      TidyFinding(path: $0, line: 0, rule: "the top level holds only what belongs there")
    }
  }

  private static func isExplained(_ comments: [String], at index: Int) -> Bool {
    comments[max(0, index - 1)...min(comments.count - 1, index + 1)].contains { $0.count > 20 }
  }

  private static func importObjection(_ code: Substring, room: String) -> String? {
    guard
      let match = code.firstMatch(
        of: #/^\s*(@\w+(\([^)]*\))?\s+)*((public|package|internal|fileprivate|private)\s+)?import\s+(?<rest>.+)$/#)
    else { return nil }
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "typealias", "func", "let", "var"]
    guard let module = match.rest.split(separator: #/[\s.]+/#).first(where: { !kinds.contains($0) }) else { return nil }
    if Rooms.libraries.contains(String(module)) && code.contains(#/\b(public|package)\s+import/#) {
      return "C stays inside the room that uses it"
    }
    return Rooms.objection(to: String(module), in: room)
  }

  private static func packageFindings(_ text: String) -> [TidyFinding] {
    let code = SwiftText(text).code
    return code.indices.filter { code[$0].contains("unsafeFlags") || code[$0].contains(#/\.package\(/#) }
      .map { TidyFinding(path: "Package.swift", line: $0 + 1, rule: "no unsafe flags and no outside packages") }
  }
}
