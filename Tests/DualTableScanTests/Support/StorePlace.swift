import AWSAuth
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import HTTPTransport
import MigrationControl
import Synchronization
import TestSupport

@testable import DualTableScan

/// Where a pass keeps its progress, one way or the other, in virtual time: opened as processes do, that end or die.
final class StorePlace: Sendable {
  enum Kind: String, CaseIterable, Sendable {
    case directory, control
  }

  let kind: Kind
  let time: SimulatedTime
  let simulator: DynamoDBSimulator
  let directory = TemporaryDirectory()
  let manifest: RunManifest
  private let lives = Atomic(0)

  static let manifest = RunManifest(
    command: "backfill", old: .init(name: "old", endpoint: "http://a"), new: .init(name: "new", endpoint: "http://b"), mapping: "m1",
    segments: [1], seed: 7)

  init(_ kind: Kind, segments: Int, seed: UInt64) {
    self.kind = kind
    time = SimulatedTime(seed: seed)
    simulator = DynamoDBSimulator(time: time)
    var manifest = Self.manifest
    manifest.segments = [segments]
    self.manifest = manifest
  }

  /// Runs `body` in virtual time.
  static func run<Value: Sendable>(
    _ kind: Kind, segments: Int, seed: UInt64 = 1, _ body: @escaping @Sendable (StorePlace) async throws -> Value
  ) throws -> Value {
    let place = StorePlace(kind, segments: segments, seed: seed)
    return try place.time.run {
      _ = try await place.client(place.simulator).createTable(CreateTableInput(tableName: "control", keys: ControlTable.schema))
      return try await body(place)
    }
  }

  func client(_ transport: any HTTPTransport) throws -> DynamoDBClient {
    var configuration = DynamoDBClient.Configuration(
      endpoint: try .resolve(environment: [:], region: "us-east-1", url: "http://simulated:8000"),
      credentials: try StaticCredentialProvider(AWSCredentials(accessKeyID: "A", secretAccessKey: "S")))
    configuration.retry = .bulk()
    return DynamoDBClient(
      configuration: configuration, transport: transport, wallClock: time.wallClock, clock: time,
      seed: UInt64(lives.load(ordering: .relaxed)))
  }

  func control(_ transport: any HTTPTransport) throws -> ControlTable {
    ControlTable(client: try client(transport), name: "control", oldTable: "old", newTable: "new")
  }

  /// Monotonic time.
  var now: @Sendable () -> Duration { { [time] in .nanoseconds(time.now.nanoseconds) } }

  /// One process's life: opens the store, does `body`, and dies at once after it, unless `body` said goodbye.
  func life<Value: Sendable>(
    _ manifest: RunManifest? = nil, segmentsAsked: Bool = false, stop: StopSignal = StopSignal(),
    settings: SharedPass.Settings = SharedPass.Settings(), apply: @escaping @Sendable (LeasedCheckpoint.Terms) -> Void = { _ in },
    _ body: @escaping @Sendable (any CheckpointStore) async throws -> Value
  ) async throws -> Value {
    let manifest = manifest ?? self.manifest
    let number = lives.add(1, ordering: .relaxed).newValue
    switch kind {
    case .directory:
      let state = try StateDirectory(StatePath("\(directory.path)/state"))
      let found = try state.manifest(proposed: manifest, segmentsAsked: segmentsAsked)
      let store = try PassCheckpoint(
        state, name: "pass", plan: SegmentPlan(count: found.segments[0], seed: found.seed), lines: "lines.jsonl",
        compaction: 400 * number, executor: InlineSerialExecutor(), elapsed: now)
      return try await body(store)
    case .control:
      let network = CutTransport(simulator)
      let store = try await LeasedCheckpoint(
        try control(network), proposed: manifest, segmentsAsked: segmentsAsked, settings: settings,
        .init(
          worker: "w\(number)", stop: stop, clock: time, now: now, wallClock: time.wallClock, seed: UInt64(number)))
      return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
          try await store.run(apply: apply)
          return nil
        }
        group.addTask { try await body(store) }
        defer {
          network.cut()
          group.cancelAll()
        }
        while let ended = try await group.next() {
          if let ended { return ended }
        }
        throw CancellationError()
      }
    }
  }

  /// All lines that pages left behind.
  func lines() async throws -> [String] {
    var bytes: [UInt8] = []
    switch kind {
    case .directory: bytes = try directory.bytes("state/lines.jsonl")
    case .control:
      let table = LeaseTable(try control(simulator), command: manifest.command)
      guard let pass = try await table.pass() else { return [] }
      try await table.forEachLetters(of: pass) { bytes += $0 }
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { String($0) }
  }
}
