internal import DynamoDBClient
internal import DynamoDBModel
package import MigrationControl

/// A shared pass in the control table: its item, its segments' leases, its workers and its dead letters.
///
/// All of them lie beside the migration's control item and sort behind `pass#<command>`; what belongs to one run has its name in the key, so
/// that a worker which slept through the next run's beginning touches nothing of it.
package struct LeaseTable: Sendable {
  let control: ControlTable
  /// `backfill`, `verify`.
  let command: String

  package init(_ control: ControlTable, command: String) {
    self.control = control
    self.command = command
  }

  /// The same, each of whose requests may take so long with all its tries.
  func with(patience: Duration) -> LeaseTable { LeaseTable(control.with(patience: patience), command: command) }

  private var passKey: String { "pass#\(command)" }
  private func prefix(_ run: String, _ kind: String) -> String { "\(passKey)#\(run)#\(kind)#" }

  // MARK: - The pass

  /// The pass that is under way or was finished last; nil where there is none.
  package func pass() async throws(MigrationControlError) -> SharedPass? {
    try await control.read(passKey).map { item throws(MigrationControlError) in try SharedPass(item: item) }
  }

  /// Writes the pass's item; its revision is one above that of the one it replaces.
  func write(_ pass: SharedPass) async throws(MigrationControlError) -> ControlTable.Change {
    try await control.put(passKey, pass.attributes, over: pass.revision - 1)
  }

  /// Changes what holds for all workers.
  ///
  /// - Returns: the pass as it is then; nil where there is none.
  /// - Throws: `contention` where others were first each time.
  package func change(_ change: (inout SharedPass) -> Void) async throws(MigrationControlError) -> SharedPass? {
    for _ in 0..<16 {
      guard let pass = try await pass() else { return nil }
      let next = pass.changed(change)
      if try await write(next) == .done { return next }
    }
    throw MigrationControlError(.contention, "Others changed the run in \(control.name) each time: try once more.")
  }

  /// Says that the pass is done, together with what it came to; only one worker's word is taken.
  func finish(_ pass: SharedPass, at milliseconds: Int64, _ record: RunRecord) async throws(MigrationControlError) -> ControlTable.Change {
    let next = pass.changed { $0.finished = milliseconds }
    return try await control.transact(
      [control.putting(passKey, next.attributes, over: pass.revision), try await control.recording(record)])
  }

  /// Removes the pass and everything that belongs to it, and to what was left of others.
  package func drop() async throws(MigrationControlError) {
    // The pass first: without it what is left belongs to nobody, whenever the process dies.
    try await control.removeAll([passKey])
    try await control.removeAll(try await belongings())
  }

  /// Removes what was left of the passes before this one.
  func dropOthers(than pass: SharedPass) async throws(MigrationControlError) {
    try await control.removeAll(try await belongings().filter { !$0.hasPrefix("\(passKey)#\(pass.run)#") })
  }

  /// The keys of what belongs to this pass and to those before it.
  private func belongings() async throws(MigrationControlError) -> [String] {
    try await control.items(beginningWith: "\(passKey)#").compactMap { $0["item"]?.stringValue }
  }

  /// For whoever still works on a run that is no longer there.
  var dropped: StateError {
    StateError(.mismatch, "The run in the control table \(control.name) was dropped or begun anew in between; run the command once more.")
  }

  // MARK: - Segments

  /// All segments that anybody has written.
  package func segments(of pass: SharedPass) async throws(MigrationControlError) -> [SegmentLease] {
    try leases(try await control.items(beginningWith: prefix(pass.run, "segment")), pass)
  }

  func segments(_ numbers: [Int], of pass: SharedPass) async throws(MigrationControlError) -> [SegmentLease] {
    try leases(try await control.items(numbers.map { segmentKey($0, pass) }), pass)
  }

  /// Writes a lease over the revision before it, with the dead letters that belong to it.
  func write(_ lease: SegmentLease, letters: [[UInt8]] = [], of pass: SharedPass) async throws(MigrationControlError) -> ControlTable.Change
  {
    let key = segmentKey(lease.segment, pass)
    if letters.isEmpty { return try await control.put(key, lease.attributes, over: lease.revision - 1) }
    var actions = [control.putting(key, lease.attributes, over: lease.revision - 1)]
    for (index, lines) in letters.enumerated() {
      // By revision: only one write has it, so that no letter stands for a page that didn't count.
      let sortKey = prefix(pass.run, "letters") + Self.digits(lease.segment) + "#" + Self.digits(lease.revision) + "#\(index)"
      actions.append(control.putting(sortKey, ["lines": .binary(lines)]))
    }
    return try await control.transact(actions)
  }

  private func segmentKey(_ segment: Int, _ pass: SharedPass) -> String { prefix(pass.run, "segment") + Self.digits(segment) }

  private func leases(_ items: [Item], _ pass: SharedPass) throws(MigrationControlError) -> [SegmentLease] {
    var leases: [SegmentLease] = []
    for item in items { leases.append(try SegmentLease(item: item, segments: pass.manifest.segments[0])) }
    return leases
  }

  /// So that keys sort as numbers do.
  private static func digits(_ number: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 7 - text.count)) + text
  }

  // MARK: - Dead letters and the mapping

  /// Hands out the dead letters, whole JSON lines in the order of their segments.
  ///
  /// - Throws: `StateError` where the pass is no longer the one in the table: whoever began the next one has removed its letters.
  package func forEachLetters<Failure>(
    of pass: SharedPass, _ body: ([UInt8]) throws(Failure) -> Void
  ) async throws {
    let items = try await control.items(beginningWith: prefix(pass.run, "letters"))
    guard try await self.pass()?.run == pass.run else { throw dropped }
    for item in items {
      guard let lines = item["lines"]?.binaryValue else { throw ItemFields(item: item, what: "dead letters").damaged("lines") }
      try body(lines)
    }
  }

  /// Keeps the mapping's text, by which a redrive knows what the run went by.
  func keepMapping(_ text: [UInt8], of pass: SharedPass) async throws(MigrationControlError) {
    _ = try await control.put(prefix(pass.run, "mapping"), ["text": .binary(text)], over: 0)
  }

  /// The mapping's text; nil where it is in the executable.
  package func mapping(of pass: SharedPass) async throws(MigrationControlError) -> [UInt8]? {
    try await control.read(prefix(pass.run, "mapping"))?["text"]?.binaryValue
  }

  // MARK: - Workers

  func workers(of pass: SharedPass) async throws(MigrationControlError) -> [WorkerWatch.Beat] {
    var beats: [WorkerWatch.Beat] = []
    for item in try await control.items(beginningWith: prefix(pass.run, "worker")) { beats.append(try WorkerWatch.Beat(item: item)) }
    return beats
  }

  func beat(_ beat: WorkerWatch.Beat, of pass: SharedPass) async throws(MigrationControlError) -> ControlTable.Change {
    // Nobody else writes it; a write whose answer was lost must not come after a later one.
    try await control.put(
      prefix(pass.run, "worker") + beat.name, beat.attributes, if: "attribute_not_exists(#nonce) OR #nonce < :nonce",
      names: ["#nonce": "nonce"],
      values: [":nonce": .number(DynamoDBNumber(beat.nonce))])
  }

  /// Keeps what a worker did over time, in an item of its own.
  func keepSeries(_ lines: [UInt8], of worker: String, _ revision: Int, _ pass: SharedPass) async throws(MigrationControlError) {
    // Nobody else writes it; a write whose answer was lost must not come after a later one.
    let number = AttributeValue.number(DynamoDBNumber(revision))
    _ = try await control.put(
      prefix(pass.run, "series") + worker, ["lines": .binary(lines), "revision": number],
      if: "attribute_not_exists(#item) OR #revision < :revision", names: ["#item": "item", "#revision": "revision"],
      values: [":revision": number])
  }

  /// The pass over time, of what its workers wrote down; what can't be read is left out.
  package func series(of pass: SharedPass) async throws(MigrationControlError) -> RunSeries {
    let items = try await control.items(beginningWith: prefix(pass.run, "series"))
    return RunSeries(merging: items.compactMap { item in item["lines"]?.binaryValue.flatMap { RunSeries(lines: $0.span) } })
  }

  /// Removes a worker's item, if it hasn't beaten since.
  func remove(_ beat: WorkerWatch.Beat, of pass: SharedPass) async throws(MigrationControlError) {
    _ = try await control.remove(prefix(pass.run, "worker") + beat.name, ifNonce: beat.nonce)
  }
}
