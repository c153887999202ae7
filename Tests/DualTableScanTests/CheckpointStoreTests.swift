import DynamoDBClient
import DynamoDBSimulator
import Glibc
import MigrationControl
import Synchronization
import TestSupport
import Testing

@testable import DualTableScan

/// What every store of checkpoints has to do, whichever it is.
@Suite("Checkpoint stores") struct CheckpointStoreTests {
  /// `DUALTABLE_SEEDS` says how many.
  private static let seeds = 0..<(unsafe getenv("DUALTABLE_SEEDS").flatMap { UInt64(unsafe String(cString: $0)) } ?? 5)

  private static let key = Array(#"{"id":{"S":"9"}}"#.utf8)

  @Test("Killed at any instant, counts and lines are exact", arguments: StorePlace.Kind.allCases, seeds)
  func exact(kind: StorePlace.Kind, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let segments = 1 + generator.below(20)
    let table = PagedTable(segments: segments, seed: seed)
    let lives = generator.next()
    try StorePlace.run(kind, segments: segments, seed: seed) { place in
      var random = SeededGenerator(seed: lives)
      var isComplete = false
      while !isComplete {
        let life = Life(place: place, table: table, seed: random.next())
        isComplete = try await place.life { store in try await life.live(on: store) }
      }
      let lines = try await place.lines()
      #expect(lines.count == table.lines && Set(lines).count == table.lines, "seed \(seed)")
    }
  }

  /// A process that works off pages of several segments at once, until a random end.
  private final class Life: Sendable {
    private let place: StorePlace
    private let table: PagedTable
    private let random: Mutex<SeededGenerator>
    /// Pages until it dies.
    private let left: Atomic<Int>

    init(place: StorePlace, table: PagedTable, seed: UInt64) {
      self.place = place
      self.table = table
      var random = SeededGenerator(seed: seed)
      left = Atomic(random.below(40))
      self.random = Mutex(random)
    }

    private func below(_ bound: Int) -> Int { random.withLock { $0.below(bound) } }

    /// True if the pass was completed.
    func live(on store: any CheckpointStore) async throws -> Bool {
      await withTaskGroup(of: Bool.self) { group in
        for _ in 0...below(5) { group.addTask { (try? await self.work(on: store)) ?? false } }
        while let dies = await group.next() {
          if dies { break }
        }
        group.cancelAll()
      }
      guard await store.isComplete else {
        // Some leave, others die.
        if below(2) == 0 { try await store.finish() }
        return false
      }
      let totals = await store.status.totals
      #expect(totals[.scanned] == table.items && totals[.failed] == table.lines)
      #expect(try await store.next() == nil)
      return true
    }

    /// True where all die.
    private func work(on store: any CheckpointStore) async throws -> Bool {
      var next = try await store.next()
      while let page = next {
        if left.subtract(1, ordering: .relaxed).newValue <= 0 { return true }
        try await place.time.sleep(for: .milliseconds(below(800)))
        if below(12) == 0 {
          await store.release(page)
          next = try await store.next()
        } else {
          next = try await store.completed(page, table.outcome(page))
        }
      }
      return false
    }
  }

  @Test("What a process gave back, the next one takes at once, where it was", arguments: StorePlace.Kind.allCases)
  func goodbye(kind: StorePlace.Kind) throws {
    try StorePlace.run(kind, segments: 1) { place in
      try await place.life { store in
        let page = try #require(try await store.next())
        #expect(page == SegmentPage(segment: 0, totalSegments: 1, exclusiveStartKey: nil))
        var counts = PassCounts()
        counts[.scanned] = 3
        let next = try await store.completed(page, .init(lastEvaluatedKey: Self.key, counts: counts))
        #expect(next?.exclusiveStartKey == Self.key)
        try await store.finish()
      }
      let before = place.time.now
      try await place.life { store in
        let next = try await store.next()
        #expect(next?.exclusiveStartKey == Self.key)
        #expect(await store.status.totals[.scanned] == 3)
      }
      #expect(before.duration(to: place.time.now) < .seconds(1))
    }
  }

  @Test("A segment that was given back is handed out again as its last page left it", arguments: StorePlace.Kind.allCases)
  func release(kind: StorePlace.Kind) throws {
    try StorePlace.run(kind, segments: 1) { place in
      try await place.life { store in
        let page = try #require(try await store.next())
        let next = try #require(try await store.completed(page, .init(lastEvaluatedKey: Self.key, counts: PassCounts())))
        #expect(await store.status.heldSegments == 1)
        await store.release(next)
        #expect(await store.status.heldSegments == 0)
        #expect(try await store.next() == next)
        #expect(try await store.completed(next, .init(lastEvaluatedKey: nil, counts: PassCounts())) == nil)
        #expect(await store.isComplete)
        try await store.finish()
      }
    }
  }

  struct Other: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let change: @Sendable (inout RunManifest) -> Void
  }

  static let others = [
    Other(testDescription: "mapping") { $0.mapping = "m2" },
    Other(testDescription: "old table") { $0.old.name = "older" },
    Other(testDescription: "new table's endpoint") { $0.new.endpoint = "http://c" },
    Other(testDescription: "mode") { $0.mode = "keys 5" },
    Other(testDescription: "number of segments") { $0.segments = [9] },
  ]

  @Test("Another run is refused, and the difference is named", arguments: StorePlace.Kind.allCases, others)
  func refused(kind: StorePlace.Kind, other: Other) throws {
    try StorePlace.run(kind, segments: 4) { place in
      try await place.life { store in _ = try await store.next() }
      var manifest = place.manifest
      other.change(&manifest)
      do {
        try await place.life(manifest, segmentsAsked: true) { _ in }
        Issue.record("it was taken")
      } catch let error as StateError {
        #expect(error.code == .mismatch && error.message.contains("its \(other.testDescription) is "), "\(error)")
      }
    }
  }

  @Test("Segments that weren't asked for are those that the run began with", arguments: StorePlace.Kind.allCases)
  func segments(kind: StorePlace.Kind) throws {
    try StorePlace.run(kind, segments: 4) { place in
      try await place.life { store in _ = try await store.next() }
      var manifest = place.manifest
      (manifest.segments, manifest.seed) = ([9], 99)
      let segments = try await place.life(manifest) { store in await store.status.segments }
      #expect(segments == 4)
    }
  }

  @Test("What an operator changed is kept", arguments: StorePlace.Kind.allCases)
  func changes(kind: StorePlace.Kind) throws {
    try StorePlace.run(kind, segments: 1) { place in
      let change = PassChange(milliseconds: 5, what: "--write-wcu 7")
      try await place.life { store in
        _ = try await store.next()
        try await store.changed(change)
      }
      switch kind {
      case .directory:
        let found = try PassCheckpoint.look(
          at: "\(place.directory.path)/state", name: "pass", plan: SegmentPlan(count: 1, seed: 7), lines: "lines.jsonl")
        #expect(found?.changes == [change])
      case .control:
        let pass = try await LeaseTable(try place.control(place.simulator), command: "backfill").pass()
        #expect(pass?.changes == [change])
      }
    }
  }
}
