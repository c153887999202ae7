import AWSAuth
import DualTableBackfill
import DynamoDBClient
import DynamoDBModel
import DynamoDBSimulator
import MigrationControl
import TestSupport
import Testing

@testable import DualTableCommand

/// Something that a role does on tables that an administrator made, and what it asks the service for.
struct RoleScene: Sendable, CustomTestStringConvertible {
  let says: String
  let role: MigrationRole
  /// Whose policy is printed: of one phase, or of all.
  var phase: MigrationPhase?
  var writeMode = Backfill.Configuration.WriteMode.put
  var hasControl = true
  /// How it ends where all is allowed.
  var status = ToolStatus.done
  /// As the administrator.
  var prepare: @Sendable (ControlPlace) async throws -> Void = { _ in }
  /// As the role.
  let perform: @Sendable (RolePlace) async throws -> ToolRun

  var testDescription: String { "\(role.rawValue): \(says)" }

  /// Exactly what `iam` prints for it.
  var permissions: [Permission] { Permission.needed(by: role, in: phase, writeMode: writeMode, hasControl: hasControl) }

  static let shared = ["DUALTABLE_STATE": ""]

  /// A command line.
  static func command(
    _ role: MigrationRole, _ line: String, in phase: MigrationPhase? = nil, _ writeMode: Backfill.Configuration.WriteMode = .put,
    status: ToolStatus = .done, isShared: Bool = false, prepare: @escaping @Sendable (ControlPlace) async throws -> Void
  ) -> RoleScene {
    let isControlled = !line.contains("--offline")
    return RoleScene(
      says: "\(isShared ? "shared " : "")\(line)\(phase.map { " in phase \($0)" } ?? "")", role: role, writeMode: writeMode,
      hasControl: isControlled, status: status,
      prepare: { place in
        try await place.makeTables()
        if let phase {
          _ = await place.run("phase init")
          try await place.set { $0.phase = phase }
        }
        try await prepare(place)
      },
      // Without a state directory the run lies in the control table.
      perform: { place in
        await place.run(
          line.replacing("FOLDER", with: place.place.folder.path), more: isShared ? shared : isControlled ? [:] : ["DUALTABLE_CONTROL": ""])
      })
  }
}

/// What a scene came to.
struct RoleOutcome: Sendable {
  let run: ToolRun
  /// Requests by operation, those of the role alone.
  let requests: [String: Int]
  let oldItems: [Item]
  let newItems: [Item]
  let oldBefore: [Item]
  let newBefore: [Item]
}

/// A place in which a role works with its own key.
struct RolePlace: Sendable {
  let place: ControlPlace
  static let key = "ROLE"

  /// A client with the role's credentials.
  var client: DynamoDBClient {
    get throws {
      DynamoDBClient(
        configuration: .init(
          endpoint: try .resolve(environment: [:], region: "local", url: "http://127.0.0.1:1"),
          credentials: StaticCredentialProvider(try AWSCredentials(accessKeyID: Self.key, secretAccessKey: "s"))),
        transport: place.engine, wallClock: place.time.wallClock, clock: place.time, seed: 7)
    }
  }

  func run(_ line: String, more: [String: String] = [:]) async -> ToolRun {
    await place.run(line, more: more.merging(["AWS_ACCESS_KEY_ID": Self.key]) { $1 })
  }
}

extension RoleScene {
  /// Plays the scene with `permissions`, or with the scene's own.
  func play(with permissions: [Permission]? = nil) throws -> RoleOutcome {
    let place = ControlPlace()
    return try place.time.run { try await play(in: place, with: permissions ?? self.permissions) }
  }

  /// - Parameter begin: called once the tables are made.
  func play(in place: ControlPlace, with permissions: [Permission], begin: @Sendable () async -> Void = {}) async throws -> RoleOutcome {
    try await prepare(place)
    let document = PolicyDocument(permissions, names: try Self.names)
    let secret = { (id: String) in try AWSCredentials(accessKeyID: id, secretAccessKey: "s") }
    let keys = [
      try AccessKey(secret("SIMULATED")), try AccessKey(secret("AKIDEXAMPLE")),
      try AccessKey(secret(RolePlace.key), user: role.rawValue, policy: document.json.text),
    ]
    place.engine.admit(keys, verifiesSignatures: false)
    await begin()
    let before = (place.engine.items(in: "users"), place.engine.items(in: "users-v2"), Self.requests(place))
    let run = try await perform(RolePlace(place: place))
    return RoleOutcome(
      run: run, requests: Self.requests(place).merging(before.2) { $0 - $1 }, oldItems: place.engine.items(in: "users"),
      newItems: place.engine.items(in: "users-v2"), oldBefore: before.0, newBefore: before.1)
  }

  static var names: ResourceNames {
    get throws {
      let place = ResourceNames.Place(region: "local", account: "000000000000")
      return try ResourceNames(
        old: "users", new: "users-v2", control: "control", oldPlace: { () throws(CommandError) in place },
        newPlace: { () throws(CommandError) in place })
    }
  }

  private static func requests(_ place: ControlPlace) -> [String: Int] {
    var counts: [String: Int] = [:]
    for operation in DynamoDBOperation.allCases { counts[operation.rawValue] = place.engine.requestCount(operation.rawValue) }
    return counts
  }

  /// False where the scene can't have asked for it: none of the operations that ask for the action were sent.
  func mayHaveAsked(for action: Permission.Action, _ outcome: RoleOutcome) -> Bool {
    let others: [String] =
      switch action {
      case .partiQLInsert: ["BatchExecuteStatement"]
      case .conditionCheckItem, .putItem, .updateItem, .deleteItem: ["TransactWriteItems"]
      case .getItem: ["TransactGetItems"]
      default: []
      }
    return (others + [action.rawValue]).contains { outcome.requests[$0] ?? 0 > 0 }
  }
}
