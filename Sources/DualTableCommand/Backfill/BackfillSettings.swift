internal import AWSAuth
internal import ArgumentParsing
internal import DualTableBackfill
internal import DualTableScan
internal import DynamoDBClient
internal import DynamoDBLocalServer
internal import MigrationControl

/// What can be set of a backfill, and of a redrive where it is the same.
enum BackfillSettings {
  /// The phase a whole service can be said to be in, where no control table knows.
  enum AssumedPhase: String, Sendable, CaseIterable {
    case dualTable
  }

  static let offline = Setting.flag("offline", "Nothing else writes to either table.")
  static let assumePhase = Setting<AssumedPhase>.choice(
    "assume-phase", "phase", "The whole service reads both tables and writes the new one.")
  static let eventual = Setting.flag(
    "eventual", "Read the old table eventually consistently, at half the price; only once nothing has written to it for an hour.")
  static let readBudget = Setting.budget("read-rcu", "Read units a second of the old table, or a percentage of what is provisioned.")
  static let writeBudget = Setting.budget("write-wcu", "Write units a second of the new table, or a percentage of what is provisioned.")
  static let maxItems = Setting.number("max-items", "Stop after about so many items.", in: 1...Int.max)
  static let timeLimit = Setting.duration("time-limit", "Stop after so long.")
  static let memoryLimit = Setting.bytes(
    "memory-limit", "Memory for what is in flight: pages, and the connections' buffers.", from: 4 << 20, default: "\(standardMemory >> 20)MB")
  /// Memory for what is in flight where nobody says otherwise, in bytes.
  static let standardMemory = PageSizing.bytesInFlight * 4 / 3
  static let payload = Setting<DeadLetterPayload>.choice(
    "dead-letter-payload", "what", "What a dead letter holds: the item's key, or all of it.", default: "keys")
  static let metricsPort = Setting.text(
    "metrics-port", "[host:]port", "Serve metrics for Prometheus at http://127.0.0.1:PORT/metrics; another address only by name.")

  static let writeMode = Setting<Backfill.Configuration.WriteMode>.choice(
    "write-mode", "mode", "A conditional put an item, or PartiQL inserts 25 at a time.", default: "put")
  static let dryRun = Setting.flag("dry-run", "Read and convert everything and put nothing; what would be put counts as migrated.")
  static let keys = Setting.text(
    "keys", "file", "Take only the items whose old keys the file lists, as --keys-out of verify writes it.", .file)

  static let phase = [SharedSettings.control.declaration, offline.declaration, assumePhase.declaration]
  static let pace = [
    readBudget.declaration, writeBudget.declaration, writeMode.declaration, timeLimit.declaration, memoryLimit.declaration,
    payload.declaration,
    metricsPort.declaration,
  ]

  /// Refuses a run of which nobody says that its phase is right.
  ///
  /// - Parameter isControlled: a control table is named, which knows.
  static func checkPhase(_ settings: Settings, isControlled: Bool) throws(CommandError) {
    let isOffline = try settings.isOn(offline)
    let phase = try settings.value(assumePhase)
    if isOffline && phase != nil {
      throw CommandError("--offline says that nothing writes and --assume-phase that a service does; give one of them.")
    }
    if !isOffline && phase == nil && !isControlled {
      throw CommandError(
        "A backfill runs in phase dualTable, and no control table is named to ask; give --control TABLE, --assume-phase dualTable if the "
          + "whole service is in it, or --offline if nothing writes to either table.")
    }
  }

  /// Puts what was set into `configuration`.
  static func apply(_ settings: Settings, to configuration: inout Backfill.Configuration) throws(CommandError) {
    configuration.openSegments = try settings.value(RunSettings.openSegments) ?? configuration.openSegments
    configuration.isConsistent = try !settings.isOn(eventual)
    configuration.writeMode = try settings.value(writeMode) ?? .put
    configuration.readBudget = try settings.value(readBudget)
    configuration.writeBudget = try settings.value(writeBudget)
    configuration.timeLimit = try settings.value(timeLimit)
    configuration.deadLetterPayload = try settings.value(payload) ?? configuration.deadLetterPayload
    // A quarter is for the connections' buffers.
    if let memory = try settings.value(memoryLimit) { configuration.bytesInFlight = memory.count / 4 * 3 }
  }

  /// The participant that a run is, where a control table is named.
  ///
  /// - Parameters:
  ///   - mapping: the digest that the migration goes by.
  ///   - allowed: the phases that such a run is for.
  /// - Throws: `CommandError` where the control item says otherwise than the settings.
  static func participant(
    _ context: CommandContext, _ clients: Clients, old: String, new: String, mapping: String, allowed: [MigrationPhase]
  ) async throws -> Participant? {
    guard let table = try context.controlTable(clients, old: old, new: new) else { return nil }
    return try await CommandContext.told {
      guard let item = try await table.controlItem() else {
        throw CommandError(
          "The control table \(table.name) knows no migration \(table.migration); run 'phase init', or check --old, --new and --control.")
      }
      guard allowed.contains(item.phase) else {
        let wanted = allowed.map { "\($0.rawValue) (\($0))" }.joined(separator: " or ")
        throw CommandError(
          "The migration is in phase \(item.phase.rawValue) (\(item.phase)), and this runs in phase \(wanted); see 'phase show'.")
      }
      guard item.mapping == mapping else {
        throw CommandError("The migration goes by another mapping than this run's; give the one that 'phase init' was given.")
      }
      return Participant(
        table: table, mapping: mapping, clients: [clients.old, clients.new], wallClock: clients.new.wallClock,
        clock: context.surroundings.clock
      ) { "run-\(String(UInt64.random(in: .min ... .max), radix: 36))" }
    }
  }

  /// Writes down in the control table what a complete run came to; `cutover check` asks for it.
  static func record(
    _ result: BackfillResult, _ command: RunRecord.Command, mapping: String, _ context: CommandContext, _ clients: Clients, old: String,
    new: String
  ) async throws {
    guard !result.more, let table = try context.controlTable(clients, old: old, new: new) else { return }
    try await CommandContext.told {
      try await table.record(
        RunRecord(
          command: command, mapping: mapping, finished: context.surroundings.wallClock.now(), isClean: result.counts[.failed] == 0,
          counts: BackfillReport.outcomes.map { .init($0.name, result.counts[$0.counter]) }))
    }
  }

  /// Serves the metrics as long as `work` runs, if that was asked for.
  static func withMetrics<Value>(
    _ context: CommandContext, _ watch: BackfillWatch, _ work: () async throws -> Value
  ) async throws -> Value {
    guard let text = try context.settings.value(metricsPort) else { return try await work() }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard let port = parts.last.flatMap({ UInt16($0) }) else {
      throw CommandError("'\(text)' isn't a value of --metrics-port; give a port, or a host and a port as in 0.0.0.0:9100.")
    }
    let host = parts.count > 1 ? parts.dropLast().joined(separator: ":") : "127.0.0.1"
    let server: TextServer
    do {
      server = try TextServer(
        host: host, port: Int(port), setting: "--metrics-port", path: "/metrics", type: MetricsText.mediaType
      ) { watch.metrics }
    } catch {
      throw CommandError(error.description)
    }
    defer { server.stop() }
    context.log.info("Metrics are at http://\(host):\(server.port)/metrics.")
    return try await work()
  }
}
