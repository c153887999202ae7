import CLibYAML

/// Reads one YAML document into nodes, over libyaml's events, and refuses what hides meaning or blows up.
///
/// Anchors, aliases, merge keys, foreign tags, keys that aren't plain text, and second documents are findings, and so is a file over
/// the limits below. Reading stops at the first thing that makes the rest unreadable (a syntax error, a limit); all else goes on.
struct YAMLReader {
  /// Bytes a file may have.
  static let byteLimit = 1 << 20
  /// Levels of lists and maps.
  static let depthLimit = 64
  /// Scalars, lists and maps in all.
  static let nodeLimit = 100_000

  private var parser = yaml_parser_t()
  private var nodes = 0

  /// The document's root, or nil with a finding in `findings` if there is none.
  static func read(_ bytes: [UInt8], _ findings: inout FindingCollector) -> YAMLNode? {
    if bytes.count > byteLimit {
      findings.error(.tooLarge, at: start, "the file has \(bytes.count) bytes; at most \(byteLimit) are read")
      return nil
    }
    var reader = YAMLReader()
    guard yaml_parser_initialize(&reader.parser) == 1 else {
      findings.error(.tooLarge, at: start, "there is no memory to read the file")
      return nil
    }
    defer { yaml_parser_delete(&reader.parser) }
    return unsafe bytes.withUnsafeBufferPointer { input in
      // libyaml keeps the pointer, so the whole reading happens in here.
      unsafe yaml_parser_set_input_string(&reader.parser, input.baseAddress, input.count)
      yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING)
      do throws(Stop) {
        return try reader.document(bytes, &findings)
      } catch {
        findings.error(error.code, at: error.place, error.sentence)
        return nil
      }
    }
  }

  private static let start = YAMLPlace(line: 1, column: 1)

  /// Why reading can't go on.
  private struct Stop: Error {
    let code: MappingFinding.Code
    let place: YAMLPlace
    let sentence: String
  }

  private mutating func document(_ bytes: [UInt8], _ findings: inout FindingCollector) throws(Stop) -> YAMLNode? {
    var root: YAMLNode?
    while true {
      var event = try next(bytes)
      defer { yaml_event_delete(&event) }
      switch event.type {
      case YAML_STREAM_END_EVENT:
        if root == nil { throw Stop(code: .badValue, place: Self.start, sentence: "the file is empty") }
        return root
      case YAML_STREAM_START_EVENT, YAML_DOCUMENT_END_EVENT:
        continue
      case YAML_DOCUMENT_START_EVENT:
        if root != nil {
          throw Stop(code: .badValue, place: place(event.start_mark), sentence: "a second document; a file holds one")
        }
      default:
        root = try node(&event, depth: 1, bytes, &findings)
      }
    }
  }

  /// The node that `event` opens.
  private mutating func node(
    _ event: inout yaml_event_t, depth: Int, _ bytes: [UInt8], _ findings: inout FindingCollector
  ) throws(Stop) -> YAMLNode {
    let place = place(event.start_mark)
    nodes += 1
    if nodes > Self.nodeLimit {
      throw Stop(code: .tooLarge, place: place, sentence: "more than \(Self.nodeLimit) values")
    }
    if depth > Self.depthLimit {
      throw Stop(code: .tooLarge, place: place, sentence: "more than \(Self.depthLimit) levels of lists and maps")
    }
    switch event.type {
    case YAML_ALIAS_EVENT:
      findings.error(.badValue, at: place, "aliases (`*…`) are not read; write the value out")
      return YAMLNode(place: place, tag: nil, content: .scalar(text: "", quoted: false))
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      refuseAnchor(scalar.anchor, place, &findings)
      let text = unsafe String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      let tag = knownTag(scalar.tag, place, &findings)
      return YAMLNode(place: place, tag: tag, content: .scalar(text: text, quoted: scalar.style != YAML_PLAIN_SCALAR_STYLE))
    case YAML_SEQUENCE_START_EVENT:
      refuseAnchor(event.data.sequence_start.anchor, place, &findings)
      let tag = knownTag(event.data.sequence_start.tag, place, &findings)
      return YAMLNode(place: place, tag: tag, content: .sequence(try elements(depth, bytes, &findings)))
    default:
      refuseAnchor(event.data.mapping_start.anchor, place, &findings)
      let tag = knownTag(event.data.mapping_start.tag, place, &findings)
      return YAMLNode(place: place, tag: tag, content: .mapping(try entries(depth, bytes, &findings)))
    }
  }

  private mutating func elements(
    _ depth: Int, _ bytes: [UInt8], _ findings: inout FindingCollector
  ) throws(Stop) -> [YAMLNode] {
    var elements: [YAMLNode] = []
    while true {
      var event = try next(bytes)
      defer { yaml_event_delete(&event) }
      if event.type == YAML_SEQUENCE_END_EVENT { return elements }
      elements.append(try node(&event, depth: depth + 1, bytes, &findings))
    }
  }

  private mutating func entries(
    _ depth: Int, _ bytes: [UInt8], _ findings: inout FindingCollector
  ) throws(Stop) -> [YAMLEntry] {
    var entries: [YAMLEntry] = []
    while true {
      var event = try next(bytes)
      defer { yaml_event_delete(&event) }
      if event.type == YAML_MAPPING_END_EVENT { return entries }
      let key = try node(&event, depth: depth + 1, bytes, &findings)
      var valueEvent = try next(bytes)
      defer { yaml_event_delete(&valueEvent) }
      let value = try node(&valueEvent, depth: depth + 1, bytes, &findings)
      if case .scalar(let text, let quoted) = key.content, key.tag == nil {
        entries.append(YAMLEntry(key: text, keyIsQuoted: quoted, keyPlace: key.place.asKey, value: value))
      } else {
        findings.error(.badValue, at: key.place.asKey, "a key must be plain text, not \(key.noun)")
      }
    }
  }

  private mutating func next(_ bytes: [UInt8]) throws(Stop) -> yaml_event_t {
    var event = yaml_event_t()
    guard yaml_parser_parse(&parser, &event) == 1 else {
      let problem = unsafe parser.problem.map { unsafe String(cString: $0) } ?? "unreadable"
      switch parser.error {
      case YAML_READER_ERROR:
        // The reader has no mark of its own yet, only the offset of the byte that it choked on.
        throw Stop(code: .badValue, place: Self.place(ofByte: parser.problem_offset, in: bytes), sentence: "not YAML: \(problem)")
      case YAML_MEMORY_ERROR:
        throw Stop(code: .tooLarge, place: Self.start, sentence: "there is no memory to read the file")
      default:
        // libyaml's own nesting limit comes before ours where one line opens very many levels.
        let deep = problem.contains("nesting")
        throw Stop(code: deep ? .tooLarge : .badValue, place: place(parser.problem_mark), sentence: "not YAML: \(problem)")
      }
    }
    return event
  }

  private func place(_ mark: yaml_mark_t) -> YAMLPlace {
    YAMLPlace(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
  }

  private static func place(ofByte offset: Int, in bytes: [UInt8]) -> YAMLPlace {
    var line = 1
    var column = 1
    for byte in bytes.prefix(offset) {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return YAMLPlace(line: line, column: column)
  }

  private func refuseAnchor(_ anchor: UnsafeMutablePointer<yaml_char_t>?, _ place: YAMLPlace, _ findings: inout FindingCollector) {
    if anchor != nil { findings.error(.badValue, at: place, "anchors (`&…`) are not read; write the value out") }
  }

  private func knownTag(
    _ tag: UnsafeMutablePointer<yaml_char_t>?, _ place: YAMLPlace, _ findings: inout FindingCollector
  ) -> YAMLTag? {
    guard let tag else { return nil }
    let name = unsafe String(cString: tag)
    if let known = YAMLTag(rawValue: name) { return known }
    findings.error(.badValue, at: place, "the tag \(quoted(name)) is not one of !B, !SS, !NS, !BS")
    return nil
  }
}
