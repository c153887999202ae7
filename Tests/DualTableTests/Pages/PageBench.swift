import DualTable
import DynamoDBClient
import DynamoDBModel
import MigrationControl
import Synchronization
import Testing

/// Both tables of a migration with these items, and repositories on them whose requests are kept.
final class PageBench: Sendable {
  private struct State {
    var engine: TableEngine
    var requests: [WireRequest] = []
  }

  private let state: Mutex<State>
  private let tables: PageTables

  init(_ tables: PageTables, old: [Item] = [], new: [Item] = [], itemsInPage: Int = .max) {
    self.tables = tables
    let mapping = tables.mapping
    state = Mutex(
      State(
        engine: TableEngine(
          creating: [(tables.oldTable, mapping.oldSchema, old), (tables.newTable, mapping.newSchema, new)], itemsInPage: itemsInPage)))
  }

  func repository(_ phase: MigrationPhase = .dualTable) throws -> DualTableRepository {
    let transport = EngineTransport(
      fate: { request in
        self.state.withLock { $0.requests.append(request) }
        return .answered
      },
      execute: { request in self.state.withLock { $0.engine.execute(request) } })
    let client = try transport.client()
    return DualTableRepository(
      old: client, oldTable: "old", new: client, newTable: "new", mapping: tables.mapping, phase: .fixed(phase))
  }

  var requests: [WireRequest] { state.withLock { $0.requests } }
  /// What was sent, as operation and table, and index.
  var asked: [String] {
    requests.map { request in
      let table = request.operation == "BatchGetItem" ? ((try? request.batch().first?.table) ?? "") : request.table
      return "\(request.operation) \(table)" + (request.text("IndexName").map { ".\($0)" } ?? "")
    }
  }

  func forget() { state.withLock { $0.requests = [] } }
  func put(_ item: Item, in table: String) { state.withLock { $0.engine.put(item, in: table) } }
}
