internal import DynamoDBModel
internal import HTTPTransport

/// A series on disk: a line of JSON that says what it is, and a line a sample.
extension RunSeries {
  /// The file's name in a state directory.
  package static let file = "series.jsonl"
  private static let version = 1

  /// The series of the run in the state directory at `directory`, which may be in use; nil where it has none.
  ///
  /// Half a line at the end is what a process that died has left.
  package static func look(at directory: String) throws(StateError) -> RunSeries? {
    let path = "\(directory)/\(file)"
    guard File.exists(path) else { return nil }
    let bytes = try File.contents(of: path)
    guard let series = RunSeries(lines: bytes.span) else { throw damaged(path) }
    return series.samples.isEmpty ? nil : series
  }

  /// Reads what `encode` wrote, but for half a line at its end; an empty series for nothing, nil for what is none.
  init?(lines bytes: Span<UInt8>) {
    var lines: [JSONValue] = []
    var start = 0
    for index in 0..<bytes.count where bytes[index] == 0x0A {
      let line: JSONValue?
      do { line = try JSONValue(parsing: bytes.extracting(start..<index)) } catch { line = nil }
      guard let line, lines.count <= Self.mostSamples else { return nil }
      lines.append(line)
      start = index + 1
    }
    guard let head = lines.first else {
      self.init()
      return
    }
    guard head["version"]?.integer == Self.version, let interval = head["interval"]?.count,
      (1...RunManifest.longestRun).contains(interval)
    else { return nil }
    let samples = lines.dropFirst().compactMap { RunSample($0) }
    guard samples.count == lines.count - 1 else { return nil }
    self.init(interval: interval, samples: samples)
  }

  private static func damaged(_ path: String) -> StateError {
    StateError(.damaged, "\(path) isn't what this kit wrote there: remove it, the run goes on without its past.")
  }

  /// Appends every line.
  func encode(into bytes: inout ByteBuffer) {
    bytes.append("{\"version\":")
    bytes.appendDecimal(Self.version)
    bytes.append(",\"interval\":")
    bytes.appendDecimal(interval)
    bytes.append("}\n")
    for sample in samples { sample.encode(into: &bytes) }
  }
}

extension RunSample {
  /// Appends the sample's line.
  func encode(into bytes: inout ByteBuffer) {
    func number(_ name: String, _ value: Int) -> JSONValue.Member { .init(name, .number(String(value))) }
    var members = [number("elapsed", elapsed), number("moment", Int(moment)), number("restarts", restarts), .init("counts", counts.json)]
    if let newCounts { members.append(.init("new", newCounts.json)) }
    if requests.reads.total > 0 { members.append(.init("reads", requests.reads.json)) }
    if requests.writes.total > 0 { members.append(.init("writes", requests.writes.json)) }
    if !requests.throttles.isEmpty {
      members.append(
        .init(
          "throttles",
          .array(
            requests.throttles.map {
              .object([.init("access", .string($0.access.rawValue)), .init("reason", .string($0.reason)), number("count", $0.count)])
            })))
    }
    if let limit { members.append(.init("limit", .string(limit))) }
    // To a thousandth, as capacity is counted.
    if let readLimit { members.append(number("readLimit", Int(readLimit * 1_000))) }
    if let writeLimit { members.append(number("writeLimit", Int(writeLimit * 1_000))) }
    bytes.append(contentsOf: JSONValue.object(members).text.utf8)
    bytes.append("\n")
  }

  init?(_ json: JSONValue) {
    guard let elapsed = json["elapsed"]?.count, elapsed <= RunManifest.longestRun, let moment = json["moment"]?.count,
      let restarts = json["restarts"]?.count, let counts = PassCounts(json["counts"])
    else { return nil }
    self.init(elapsed: elapsed, moment: Int64(moment), restarts: restarts, counts: counts)
    if let new = json["new"] {
      guard let newCounts = PassCounts(new) else { return nil }
      self.newCounts = newCounts
    }
    guard let reads = LatencyHistogram(json["reads"]), let writes = LatencyHistogram(json["writes"]) else { return nil }
    requests.reads = reads
    requests.writes = writes
    for throttle in json["throttles"]?.array ?? [] {
      guard let access = throttle["access"]?.string.flatMap(Throttle.Access.init), let reason = throttle["reason"]?.string,
        let count = throttle["count"]?.count, count <= LatencyHistogram.most
      else { return nil }
      requests.throttles.add(Throttle(access: access, reason: reason, count: count))
    }
    limit = json["limit"]?.string
    readLimit = json["readLimit"]?.count.map { Double($0) / 1_000 }
    writeLimit = json["writeLimit"]?.count.map { Double($0) / 1_000 }
  }
}

extension LatencyHistogram {
  /// Class and count in turn, of the classes that hold any.
  fileprivate var json: JSONValue {
    .array(counts.indices.filter { counts[$0] > 0 }.flatMap { [.number(String($0)), .number(String(counts[$0]))] })
  }

  /// More requests than a sample has: those of all classes and samples together can be added up.
  fileprivate static let most = 1 << 40

  /// An absent one is empty; nil for what no histogram is.
  fileprivate init?(_ json: JSONValue?) {
    self.init()
    let numbers = (json?.array ?? []).map(\.integer)
    guard numbers.count % 2 == 0 else { return nil }
    for index in stride(from: 0, to: numbers.count, by: 2) {
      guard let place = numbers[index], let count = numbers[index + 1], (0..<Self.classes).contains(place), (0...Self.most).contains(count)
      else { return nil }
      add(count, to: place)
    }
  }
}
