internal import DynamoDBModel
internal import HTTPTransport

/// Everything that a pass's journal has said so far, as a JSON file that a human can read.
struct PassSnapshot: Sendable {
  /// The journal that goes on from here.
  var generation: Int
  var elapsedMilliseconds: Int
  /// Processes that took the pass up.
  var starts: Int
  /// The length of the lines file.
  var linesLength: Int
  var progress: PassProgress
  /// What operators changed; the last thousand.
  var changes: [PassChange] = []

  func encode(into bytes: inout ByteBuffer) {
    bytes.append("{\n  \"version\": ")
    bytes.appendDecimal(RunManifest.version)
    Self.append(",\n  \"generation\": ", generation, to: &bytes)
    Self.append(",\n  \"elapsedMilliseconds\": ", elapsedMilliseconds, to: &bytes)
    Self.append(",\n  \"starts\": ", starts, to: &bytes)
    Self.append(",\n  \"linesLength\": ", linesLength, to: &bytes)
    bytes.append(",\n  \"changes\": [")
    for (index, change) in changes.enumerated() {
      bytes.append(index == 0 ? "\n    {\"at\": " : ",\n    {\"at\": ")
      bytes.appendDecimal(Int(change.milliseconds))
      bytes.append(", \"what\": ")
      bytes.appendJSON(change.what)
      bytes.append("}")
    }
    bytes.append("]")
    bytes.append(",\n  \"totals\": ")
    bytes.append(contentsOf: progress.totals.json.text.utf8)
    bytes.append(",\n  \"doneTotals\": ")
    bytes.append(contentsOf: progress.doneTotals.json.text.utf8)
    Self.append(",\n  \"segments\": ", progress.plan.count, to: &bytes)
    bytes.append(",\n  \"done\": ")
    bytes.appendJSON(
      progress.doneRanges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: ","))
    bytes.append(",\n  \"begun\": {")
    for (index, entry) in progress.begunSegments.enumerated() {
      bytes.append(index == 0 ? "\n    \"" : ",\n    \"")
      bytes.appendDecimal(entry.segment)
      bytes.append("\": {\"key\": ")
      if let key = entry.state.key { bytes.append(key.span) } else { bytes.append("null") }
      bytes.append(", \"counts\": ")
      bytes.append(contentsOf: entry.state.counts.json.text.utf8)
      bytes.append("}")
    }
    bytes.append("\n  }\n}\n")
  }

  init(generation: Int, elapsedMilliseconds: Int, starts: Int, linesLength: Int, progress: PassProgress) {
    self.generation = generation
    self.elapsedMilliseconds = elapsedMilliseconds
    self.starts = starts
    self.linesLength = linesLength
    self.progress = progress
  }

  /// Reads the snapshot at `path`.
  init(_ path: String, plan: SegmentPlan) throws(StateError) {
    let bytes = try File.contents(of: path)
    let snapshot: PassSnapshot?
    do { snapshot = try Self.decode(bytes.span, plan) } catch { snapshot = nil }
    guard let snapshot else {
      throw StateError(.damaged, "\(path) isn't what this kit wrote there: begin again in another directory.")
    }
    self = snapshot
  }

  private static func append(_ name: StaticString, _ value: Int, to bytes: inout ByteBuffer) {
    bytes.append(name)
    bytes.appendDecimal(value)
  }

  private static func decode(_ bytes: Span<UInt8>, _ plan: SegmentPlan) throws(DynamoDBModelError) -> PassSnapshot? {
    let json = try JSONValue(parsing: bytes)
    guard json["version"]?.integer == RunManifest.version, json["segments"]?.integer == plan.count,
      let generation = json["generation"]?.count, let elapsed = json["elapsedMilliseconds"]?.count, elapsed <= RunManifest.longestRun,
      let starts = json["starts"]?.count, let linesLength = json["linesLength"]?.count,
      let totals = PassCounts(json["totals"]), let doneTotals = PassCounts(json["doneTotals"]),
      let done = segments(json["done"]?.string, below: plan.count), let begun = try begun(bytes, json["begun"], below: plan.count),
      !done.contains(where: { begun[$0] != nil })
    else { return nil }
    var snapshot = PassSnapshot(
      generation: generation, elapsedMilliseconds: elapsed, starts: starts, linesLength: linesLength,
      progress: PassProgress(plan: plan, totals: totals, doneTotals: doneTotals, done: done, begun: begun))
    for change in json["changes"]?.array ?? [] {
      guard let at = change["at"]?.count, let what = change["what"]?.string else { return nil }
      snapshot.changes.append(PassChange(milliseconds: Int64(at), what: what))
    }
    return snapshot
  }

  private static func segments(_ text: String?, below count: Int) -> [Int]? {
    guard let text else { return nil }
    var segments: [Int] = []
    for part in text.split(separator: ",") {
      let bounds = part.split(separator: "-").map { Int($0) }
      guard bounds.count <= 2, let first = bounds.first ?? nil, let last = bounds.last ?? nil, first <= last, last < count,
        first > segments.last ?? -1
      else { return nil }
      segments.append(contentsOf: first...last)
    }
    return segments
  }

  private static func begun(
    _ bytes: Span<UInt8>, _ json: JSONValue?, below count: Int
  ) throws(DynamoDBModelError) -> [Int: PassProgress.Begun]? {
    guard let json else { return nil }
    var begun: [Int: PassProgress.Begun] = [:]
    // A key goes back to the service as the bytes that came from it, so it is cut out instead of being built and printed.
    var members = try JSONObjectReader(bytes)
    while let name = try members.next(bytes) {
      let value = try members.skip(bytes)
      guard bytes.equals(name, "begun") else { continue }
      var segments = try JSONObjectReader(bytes, at: value.lowerBound)
      while let segmentName = try segments.next(bytes) {
        let entry = try segments.skip(bytes)
        let text = String(copying: bytes.extracting(segmentName))
        guard let segment = Int(text), segment >= 0 && segment < count, let counts = PassCounts(json[text]?["counts"]) else { return nil }
        begun[segment] = PassProgress.Begun(key: try key(bytes, entry), counts: counts, isHeld: false)
      }
    }
    return begun
  }

  private static func key(_ bytes: Span<UInt8>, _ entry: Range<Int>) throws(DynamoDBModelError) -> [UInt8]? {
    var members = try JSONObjectReader(bytes, at: entry.lowerBound)
    while let name = try members.next(bytes) {
      let value = try members.skip(bytes)
      if bytes.equals(name, "key") && !bytes.equals(value, "null") { return value.map { bytes[$0] } }
    }
    return nil
  }
}
