internal import CAllocations
internal import CurlTransport
internal import DynamoDBClient
internal import DynamoDBModel
internal import Glibc
internal import HTTPTransport
internal import Synchronization
internal import Telemetry

/// Gets of one item each through the client, by tasks of its own as a service has them, in a process of their own.
enum GetRun {
  static let subcommand = "client"

  /// What the gets are asked of.
  enum Table: String, CaseIterable {
    /// Every item is there, 730 bytes.
    case full
    /// No item is there: what is left is the client alone.
    case empty

    var name: String { self == .full ? Workload.oldTable : Workload.newTable }
  }

  /// The child's side.
  static func main(_ arguments: [String]) async throws {
    guard arguments.count == 7, let port = Int(arguments[0]), let loops = Int(arguments[1]), let tasks = Int(arguments[2]),
      let items = Int(arguments[3]), let table = Table(rawValue: arguments[4]), let warm = Int(arguments[5]),
      let listens = Bool(arguments[6])
    else { throw Failure("client takes: port loops tasks items table warm-up listens") }
    var limits = CurlTransport.Configuration(loops: loops)
    limits.maxConnectionsPerOrigin = tasks
    let transport = CurlTransport(configuration: limits)
    let client = try Workload.client(port: port, over: transport, telemetry: listens ? Listeners.all : .none)

    let meter = Meter(parties: tasks)
    let wrong = await withTaskGroup(of: Int.self) { group in
      for task in 0..<tasks {
        group.addTask {
          let own = items * task / tasks..<items * (task + 1) / tasks
          var wrong = await gets(own.prefix(warm), table, client)
          await meter.arrive()
          wrong += await gets(own.dropFirst(warm), table, client)
          await meter.arrive()
          return wrong
        }
      }
      return await group.reduce(0, +)
    }
    await transport.shutdown()
    let error = wrong == 0 ? nil : "\(wrong) gets failed or gave another item"
    try Workload.report(seconds: await meter.seconds, error: error)
    var fields = Fields()
    fields.set("blocks", await meter.blocks)
    Terminal.write(fields.text)
  }

  /// How many of the gets failed or gave another item than was asked for.
  private static func gets(_ numbers: Range<Int>, _ table: Table, _ client: DynamoDBClient) async -> Int {
    var wrong = 0
    for number in numbers {
      let id = AttributeValue.string(self.id(number))
      let output = try? await client.getItem(GetItemInput(tableName: table.name, key: ["id": id]))
      // Not `nil`, which would spell a value of type NULL.
      if output == nil || output?.item?["id"] != (table == .full ? id : Optional.none) { wrong += 1 }
    }
    return wrong
  }

  /// An id: 14 characters, which a string holds without memory of its own.
  static func id(_ number: Int) -> String {
    let digits = String(number)
    return String(Workload.id.dropLast(digits.utf8.count)) + digits
  }
}

/// Where all tasks wait for each other before and behind the measured part; the last to come starts and stops the measurement.
private actor Meter {
  private let parties: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private var began: Double?
  private(set) var seconds = 0.0
  private(set) var blocks = 0

  init(parties: Int) { self.parties = parties }

  func arrive() async {
    guard waiting.count + 1 < parties else {
      if let began {
        seconds = monotonicSeconds() - began
        blocks = Int(allocations_stop())
      } else {
        began = monotonicSeconds()
        allocations_start()
      }
      let released = waiting
      waiting = []
      for continuation in released { continuation.resume() }
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }
}

/// Listens to everything and does next to nothing with it.
private struct Listeners: EventSink, MetricSink, SpanSink, TelemetrySpan {
  static let all = TelemetrySinks(events: Listeners(), metrics: Listeners(), spans: Listeners())

  func wants(_ level: TelemetryEvent.Level) -> Bool { true }
  func record(_ event: TelemetryEvent) {}

  func counter(_ name: String, labels: [(String, String)]) -> @Sendable (Int) -> Void {
    let sum = Sum()
    return { sum.value.wrappingAdd($0, ordering: .relaxed) }
  }

  func gauge(_ name: String, labels: [(String, String)]) -> @Sendable (Double) -> Void { { _ in } }

  func timing(_ name: String, labels: [(String, String)]) -> @Sendable (Duration) -> Void {
    let sum = Sum()
    return { sum.value.wrappingAdd(Int($0.components.attoseconds), ordering: .relaxed) }
  }

  func start(_ name: String, parent: (any TelemetrySpan)?, _ fields: [TelemetryField]) -> any TelemetrySpan { self }
  func end(error: String?, _ fields: [TelemetryField]) {}
}

/// A sum behind a reference, as metrics libraries have them.
private final class Sum: Sendable {
  let value = Atomic<Int>(0)
}
