internal import ArgumentParsing
internal import DualTableScan
internal import DynamoDBLocalServer
internal import DynamoDBSimulator

extension ToolCommand {
  /// Serves the embedded DynamoDB on a port.
  static func local(tool: String) -> ToolCommand {
    ToolCommand(
      name: "local", abstract: "Serves an embedded DynamoDB on a port, for any SDK.",
      discussion:
        "It needs no account, keeps everything in memory, and ends with Ctrl-C. With --data all of it is in a file when it ends, and every "
        + "few seconds meanwhile.\n"
        + "Faults happen by chance, drawn from the seed: the same requests one after another meet the same ones again. Several are "
        + "separated by commas: "
        + FaultPlan.names.joined(separator: " ") + ".",
      examples: [
        .init("\(tool) local", "Serves at http://127.0.0.1:8000."),
        .init("\(tool) local --port 0 --data tables.db", "Chooses a port, prints it, and keeps the tables in a file."),
        .init(
          "\(tool) local --capacity --faults throttled=0.05,lost-answer=0.01,delay=1ms..20ms --seed 42",
          "Throttles as tables and partitions do, and by chance, and loses answers to writes that were carried out."),
      ],
      groups: [LocalSettings.group, SharedSettings.output], run: LocalSettings.run)
  }
}

enum LocalSettings {
  static let port = Setting.number("port", "Where to listen; 0 chooses one.", in: 0...65_535, default: "8000")
  static let host = Setting.text("host", "address", "Whose address to listen at.", default: "127.0.0.1, which only this machine reaches")
  static let verifySignatures = Setting.flag(
    "verify-signatures", "Refuse what isn't signed by a known access key: those of --access-keys, or the one in the environment.")
  static let accessKeys = Setting.text(
    "access-keys", "file",
    "A JSON list of access keys and what their owners may do: [{\"id\":…,\"secret\":…,\"user\":…,\"policy\":{…}}].", .file)
  static let capacity = Setting.flag("capacity", "Throttle what is beyond the capacity of tables, indexes and partitions.")
  static let lag = Setting.duration("lag", "Let eventually consistent reads see tables as they were at most so long ago.")
  static let faults = Setting.text("faults", "list", "What goes wrong, as in lost-answer=0.01,delay=1ms..20ms.")
  static let seed = Setting.seed("seed", "What faults are drawn from.", default: "a new one, which is printed")
  static let data = Setting.text("data", "file", "Begin with the tables in this file, and write them there.", .file)
  static let group = SettingGroup(
    "the server",
    [
      port.declaration, host.declaration, verifySignatures.declaration, accessKeys.declaration, capacity.declaration, lag.declaration,
      faults.declaration, seed.declaration, data.declaration,
    ])

  static func run(_ context: CommandContext) async throws -> ToolStatus {
    let settings = context.settings
    let seed = try settings.value(seed) ?? .random(in: 0...UInt64(UInt32.max))
    let simulator = DynamoDBSimulator(
      faults: try plan(try settings.value(faults), seed: seed), hasLimits: try settings.isOn(capacity),
      lag: try settings.value(lag) ?? .zero)
    try admitKeys(to: simulator, context)
    let file = try settings.value(data).map { DataFile(path: $0) }
    let isRestored = try file?.load(into: simulator) ?? false
    let host = try settings.value(host) ?? "127.0.0.1"
    let server: LocalServer
    do {
      server = try LocalServer(simulator, host: host, port: try settings.value(port) ?? 8_000)
    } catch let error as LocalServerError {
      throw CommandError(error.description)
    }
    let url = "http://\(host.contains(":") ? "[\(host)]" : host):\(server.port)"
    let isJSON = try settings.isOn(SharedSettings.json)
    context.terminal.result(isJSON ? "{\"url\":\"\(url)\",\"port\":\(server.port),\"seed\":\(seed)}" : "Listening at \(url), seed \(seed).")
    if let file, isRestored { context.log.info("The tables of \(file.path) are there.") }
    do {
      try await keep(file, simulator, context)
    } catch {
      server.stop()
      throw error
    }
    server.stop()
    try file?.save(simulator)
    return .done
  }

  /// Waits for the first signal, and writes the tables every five seconds in which they changed.
  private static func keep(_ file: DataFile?, _ simulator: DynamoDBSimulator, _ context: CommandContext) async throws {
    let clock = context.surroundings.clock
    var ticks = 0
    while context.surroundings.stop.reason == nil {
      guard (try? await clock.sleep(for: .milliseconds(50))) != nil else { return }
      ticks += 1
      if ticks % 100 == 0 { try file?.saveIfChanged(simulator) }
    }
  }

  private static func plan(_ text: String?, seed: UInt64) throws(CommandError) -> FaultPlan {
    guard let text else { return FaultPlan(seed: seed) }
    do {
      return try FaultPlan(text: text, seed: seed)
    } catch {
      throw CommandError(error.description)
    }
  }

  private static func admitKeys(to simulator: DynamoDBSimulator, _ context: CommandContext) throws(CommandError) {
    let settings = context.settings
    let verifies = try settings.isOn(verifySignatures)
    var keys: [AccessKey] = []
    if let path = try settings.value(accessKeys) {
      guard let bytes = try context.surroundings.read(path) else {
        throw CommandError("There is no file \(path) to read access keys from; check the path.")
      }
      keys = try AccessKeyFile.keys(in: bytes, path: path)
    } else if verifies {
      keys = [try AccessKeyFile.key(in: settings.environment)]
    }
    simulator.admit(keys, verifiesSignatures: verifies)
  }
}
