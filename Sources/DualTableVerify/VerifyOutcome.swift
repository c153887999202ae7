internal import AWSAuth
internal import DualTableMapping
package import DualTableScan
internal import DynamoDBClient
internal import DynamoDBModel
internal import HTTPTransport

/// What the last complete verification of a state directory came to, for reports: the run itself leaves nothing else behind.
package struct VerifyOutcome: Sendable, Equatable {
  package var result: VerifyResult
  /// The mapping's digest.
  package var mapping: String
  /// Whether items were compared, not only ids.
  package var comparedContent: Bool
  /// When it ended, milliseconds since 1970.
  package var finished: Int64

  /// The file's name in a verification's state directory.
  package static let file = "result.json"

  package init(result: VerifyResult, mapping: String, comparedContent: Bool, finished: Int64) {
    self.result = result
    self.mapping = mapping
    self.comparedContent = comparedContent
    self.finished = finished
  }

  init(_ result: VerifyResult, _ configuration: Verification.Configuration) {
    self.init(
      result: result, mapping: configuration.mapping.digest, comparedContent: configuration.comparesContent,
      finished: configuration.new.client.wallClock.now())
  }

  /// The outcome in the verification's state directory at `directory`; nil where none came to its end there.
  package static func look(at directory: String) throws(StateError) -> VerifyOutcome? {
    let path = "\(directory)/\(file)"
    guard File.exists(path) else { return nil }
    let bytes = try File.contents(of: path)
    let json: JSONValue?
    do { json = try JSONValue(parsing: bytes.span) } catch { json = nil }
    guard let json, json["version"]?.integer == 1, let mapping = json["mapping"]?.string, let content = json["content"]?.bool,
      let finished = json["finished"]?.count, let seconds = json["seconds"]?.double, let units = json["readUnits"]?.double,
      (0...1e9).contains(seconds), (0...1e15).contains(units)
    else { throw StateError(.damaged, "\(path) isn't what this kit wrote there: remove it and verify again.") }
    var result = VerifyResult()
    (result.seconds, result.readUnits) = (seconds, units)
    for (name, count) in counts {
      guard let value = json[name]?.count else { throw StateError(.damaged, "\(path) lacks \(name): remove it and verify again.") }
      result[keyPath: count] = value
    }
    return VerifyOutcome(result: result, mapping: mapping, comparedContent: content, finished: Int64(finished))
  }

  func write(to directory: String) throws(StateError) {
    let json = JSONValue.object(
      [
        .init("version", .number("1")), .init("mapping", .string(mapping)), .init("content", .bool(comparedContent)),
        .init("finished", .number(String(finished))),
      ] + Self.counts.map { .init($0.name, .number(String(result[keyPath: $0.count]))) } + [
        .init("seconds", .number(String(result.seconds))), .init("readUnits", .number(String(result.readUnits))),
      ])
    try File.replace("\(directory)/\(Self.file)", with: ByteBuffer(json.text.utf8).span)
  }

  /// Every count, by the name that JSON has for it.
  package static var counts: [(name: String, count: any WritableKeyPath<VerifyResult, Int> & Sendable)] {
    [
      ("oldIds", \.oldIDs), ("newIds", \.newIDs), ("missing", \.missing), ("repaired", \.repaired), ("differing", \.differing),
      ("superseded", \.superseded), ("extra", \.extra), ("tombstones", \.tombstones), ("unconvertible", \.unconvertible),
      ("filtered", \.filtered), ("rechecked", \.rechecked), ("undecided", \.undecided),
    ]
  }
}
