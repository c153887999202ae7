internal import DynamoDBModel
internal import HTTPTransport

/// What a state directory is of: two tables, a mapping, a way of working. Another run may not use it.
package struct RunManifest: Sendable, Equatable {
  /// One table as its run knows it.
  package struct Table: Sendable, Equatable {
    /// The name, or the ARN where the user gave one.
    package var name: String
    /// Where requests about it go: scheme, host and port.
    package var endpoint: String

    package init(name: String, endpoint: String) {
      self.name = name
      self.endpoint = endpoint
    }
  }

  /// The format of everything in the directory; raised with each change that an older binary can't read.
  package static let version = 2
  /// Milliseconds that a run may have been worked on, as a file says it: some 35 years.
  static let longestRun = 1 << 40
  /// More partitions than any verification has: each is two open files.
  package static let mostPartitions = 1_024

  /// `backfill`, `verify`, …
  package var command: String
  package var old: Table
  package var new: Table
  /// The mapping's digest.
  package var mapping: String
  /// What else changes the meaning of a checkpoint, such as a filter on keys; empty where nothing does.
  package var mode: String
  /// Segments of each scan, in the order of the command's passes.
  package var segments: [Int]
  /// Files over which each table's ids are spread; 0 for a command that spills nothing.
  package var partitions: Int
  /// Where every random choice of the run comes from.
  package var seed: UInt64

  package init(
    command: String, old: Table, new: Table, mapping: String, mode: String = "", segments: [Int], partitions: Int = 0, seed: UInt64
  ) {
    self.command = command
    self.old = old
    self.new = new
    self.mapping = mapping
    self.mode = mode
    self.segments = segments
    self.partitions = partitions
    self.seed = seed
  }

  func encode(into bytes: inout ByteBuffer) {
    bytes.append("{\n  \"version\": ")
    bytes.appendDecimal(Self.version)
    bytes.append(",\n  \"command\": ")
    bytes.appendJSON(command)
    Self.append(",\n  \"old\": ", old, to: &bytes)
    Self.append(",\n  \"new\": ", new, to: &bytes)
    bytes.append(",\n  \"mapping\": ")
    bytes.appendJSON(mapping)
    bytes.append(",\n  \"mode\": ")
    bytes.appendJSON(mode)
    bytes.append(",\n  \"segments\": [")
    for (index, count) in segments.enumerated() {
      if index > 0 { bytes.append(", ") }
      bytes.appendDecimal(count)
    }
    bytes.append("],\n  \"partitions\": ")
    bytes.appendDecimal(partitions)
    // As text: a JSON number of 64 bits is rounded by most readers.
    bytes.append(",\n  \"seed\": ")
    bytes.appendJSON(String(seed))
    bytes.append("\n}\n")
  }

  /// Reads the manifest at `path`.
  init(_ path: String) throws(StateError) {
    let bytes = try File.contents(of: path)
    let json: JSONValue?
    do { json = try JSONValue(parsing: bytes.span) } catch { json = nil }
    if let version = json?["version"]?.integer, version != Self.version {
      throw StateError(
        .mismatch,
        "\(path) has format \(version) and this dualtable knows format \(Self.version): use the one that wrote it, or another directory.")
    }
    guard let json, let command = json["command"]?.string, let old = Self.table(json["old"]), let new = Self.table(json["new"]),
      let mapping = json["mapping"]?.string, let mode = json["mode"]?.string, let segments = json["segments"]?.array,
      let partitions = json["partitions"]?.integer, (0...Self.mostPartitions).contains(partitions),
      let seed = json["seed"]?.string.flatMap({ UInt64($0) })
    else { throw StateError(.damaged, "\(path) isn't what this kit wrote there: begin again in another directory.") }
    self.init(
      command: command, old: old, new: new, mapping: mapping, mode: mode,
      segments: segments.compactMap(\.integer).filter { $0 >= 1 && $0 <= SegmentPlan.serviceLimit }, partitions: partitions, seed: seed)
    guard self.segments.count == segments.count else {
      throw StateError(.damaged, "\(path) isn't what this kit wrote there: begin again in another directory.")
    }
  }

  /// As `difference` names it: what may be left out when a run is joined.
  static let segmentCount = "number of segments"

  /// The first thing in which `other` is another run than this one, with both values; nil if it is the same.
  ///
  /// Seeds never differ: a run goes on with the one it began with. So it does with its segments, unless others were asked for.
  func difference(from other: RunManifest, segmentsAsked: Bool) -> (what: String, ours: String, theirs: String)? {
    func text(_ segments: [Int]) -> String { segments.map { String($0) }.joined(separator: " and ") }
    let all: [(String, String, String)] = [
      ("command", command, other.command),
      ("old table", old.name, other.old.name),
      ("old table's endpoint", old.endpoint, other.old.endpoint),
      ("new table", new.name, other.new.name),
      ("new table's endpoint", new.endpoint, other.new.endpoint),
      ("mapping", mapping, other.mapping),
      ("mode", mode, other.mode),
      (Self.segmentCount, text(segments), segmentsAsked ? text(other.segments) : text(segments)),
    ]
    return all.first { $0.1 != $0.2 }.map { (what: $0.0, ours: $0.1, theirs: $0.2) }
  }

  private static func append(_ name: StaticString, _ table: Table, to bytes: inout ByteBuffer) {
    bytes.append(name)
    bytes.append("{\"table\": ")
    bytes.appendJSON(table.name)
    bytes.append(", \"endpoint\": ")
    bytes.appendJSON(table.endpoint)
    bytes.append("}")
  }

  private static func table(_ json: JSONValue?) -> Table? {
    guard let name = json?["table"]?.string, let endpoint = json?["endpoint"]?.string else { return nil }
    return Table(name: name, endpoint: endpoint)
  }
}
