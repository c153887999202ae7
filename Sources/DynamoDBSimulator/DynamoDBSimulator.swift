package import AWSAuth
internal import DynamoDBClient
package import DynamoDBModel
package import HTTPTransport
internal import Synchronization

/// An embedded DynamoDB at the transport's seam: real requests in, real answers out, faults by seed.
///
/// Every request takes effect at one moment, as the service's do. Requests that are under way at once are taken in an order drawn from
/// the plan's seed.
package final class DynamoDBSimulator: HTTPTransport {
  /// Requests of one source that are under way at once.
  private static let width = 8

  private let wallClock: WallClock
  private let state: Mutex<State>

  private struct State: Sendable {
    var service: SimulatedService
    var faults: FaultPlan
    var generator: SeededGenerator
    var requests: [String: Int] = [:]
    var script: Script?
    var isShutDown = false

    mutating func count(_ request: borrowing ServiceRequest) throws(ServiceError) -> Arrival {
      let table = try request.string("TableName") ?? ""
      let name = "\(request.operation) \(table)"
      let index = requests[name] ?? 0
      requests[name] = index + 1
      requests[request.operation, default: 0] += 1
      return Arrival(operation: request.operation, table: table, index: index)
    }
  }

  /// A request that has come and isn't carried out yet.
  package struct Arrival: Sendable {
    /// As in `PutItem`.
    package let operation: String
    /// Empty where the request names no single table.
    package let table: String
    /// How many of this operation on this table came before.
    package let index: Int
  }

  /// Decides what becomes of a request before it is carried out: it may change the tables first, or refuse in the service's place.
  package typealias Script = @Sendable (Arrival, inout SimulatedService) -> ServiceError?

  /// Makes a service without tables.
  ///
  /// - Parameters:
  ///   - itemsInPage: at most so many items in a page of a scan. Default: as many as a megabyte holds.
  ///   - wallClock: says when a request is carried out. Default the machine's.
  package init(faults: FaultPlan = FaultPlan(seed: 0), itemsInPage: Int = .max, wallClock: WallClock = .system) {
    self.wallClock = wallClock
    state = Mutex(
      State(service: SimulatedService(itemsInPage: itemsInPage), faults: faults, generator: SeededGenerator(seed: faults.seed)))
  }

  package var loops: [any TaskExecutor] { [globalConcurrentExecutor] }

  /// Requests of an operation that arrived; of those on `table` alone, if it is named.
  package func requestCount(_ operation: String, on table: String? = nil) -> Int {
    state.withLock { $0.requests[table.map { "\(operation) \($0)" } ?? operation] ?? 0 }
  }

  /// Writes that were carried out.
  package var writeCount: Int { state.withLock { $0.service.writeCount } }

  /// Changes what goes wrong from here on.
  package func setFaults(_ faults: FaultPlan) { state.withLock { $0.faults = faults } }

  /// Hands every request from here on to `script` first; nil: to none.
  package func follow(_ script: Script?) { state.withLock { $0.script = script } }

  /// Changes the tables between two requests.
  package func change(_ body: (inout SimulatedService) -> Void) { state.withLock { body(&$0.service) } }

  /// Every item of a table, in scan order.
  package func items(in table: String) -> [Item] {
    state.withLock { state in
      var items: [Item] = []
      state.service.tables[table]?.scan(segment: 0, of: 1, after: nil) { _, item in
        items.append(item)
        return true
      }
      return items
    }
  }

  package func perform(_ source: any HTTPRequestSource, at origin: HTTPOrigin, timeouts: HTTPTimeouts) async {
    var underWay: [(token: Int, request: HTTPRequestBufferBox)] = []
    var isDrained = false
    while true {
      while !isDrained, underWay.count < Self.width, !Task.isCancelled {
        let box = HTTPRequestBufferBox()
        guard let token = source.nextRequest(into: &box.buffer) else {
          isDrained = true
          break
        }
        underWay.append((token, box))
      }
      guard !underWay.isEmpty else { return }
      let chosen = state.withLock { Int($0.generator.next() % UInt64(underWay.count)) }
      let (token, box) = underWay.remove(at: chosen)
      // Others get their turn between two requests, so that clients of one simulator interleave.
      await Task.yield()
      switch Task.isCancelled ? .lost(mayHaveArrived: true) : answer(box.buffer.message) {
      case .answer(let status, let body):
        var answer = Self.wire(status, body)
        source.answered(token, &answer)
      case .lost(let mayHaveArrived):
        source.failed(token, HTTPTransportError(.receive, mayHaveArrived: mayHaveArrived, "The simulated connection broke."))
      case .closed:
        source.failed(token, HTTPTransportError(.closed, mayHaveArrived: false, "The simulator was shut down."))
      }
      isDrained = !source.mayHaveMore
    }
  }

  package func shutdown() async { state.withLock { $0.isShutDown = true } }

  private enum Result {
    case answer(status: Int, body: [UInt8])
    case lost(mayHaveArrived: Bool)
    case closed
  }

  private func answer(_ message: Span<UInt8>) -> Result {
    let bytes = message.indices.map { message[$0] }
    return state.withLock { state in
      guard !state.isShutDown else { return .closed }
      let fault = state.faults.draw(&state.generator)
      if case .lostRequest = fault { return .lost(mayHaveArrived: true) }
      if case .failedBefore = fault { return Self.refusal(.service("InternalServerError", "Internal server error", status: 500)) }
      do throws(ServiceError) {
        let head = RequestHead(bytes.span)
        let request = try ServiceRequest(
          target: head.target, body: ByteBuffer(bytes[head.end...]), at: wallClock.now(), from: Caller())
        let arrival = try state.count(request)
        if let refusal = state.script?(arrival, &state.service) { throw refusal }
        if case .throttled = fault { throw .throttled }
        let body = try state.service.answer(request)
        if case .lostAnswer = fault { return .lost(mayHaveArrived: true) }
        if case .failedAfter = fault { throw .service("InternalServerError", "Internal server error", status: 500) }
        return .answer(status: 200, body: (0..<body.count).map { body[$0] })
      } catch {
        return Self.refusal(error)
      }
    }
  }

  private static func refusal(_ error: ServiceError) -> Result {
    var body = AnswerBody()
    body.add("__type", .string(error.type))
    body.add("message", .string(error.message))
    body.add("Item", error.item)
    for member in error.details { body.add(member.name, member.value) }
    let bytes = body.finish()
    return .answer(status: error.status, body: (0..<bytes.count).map { bytes[$0] })
  }

  private static func wire(_ status: Int, _ body: [UInt8]) -> HTTPAnswer {
    let line = "HTTP/1.1 \(status) \r\n"
    let fields = "content-type: application/x-amz-json-1.0\r\nx-amz-crc32: \(crc32(of: body.span))\r\ncontent-length: \(body.count)\r\n\r\n"
    var bytes = ByteBuffer(capacity: line.utf8.count + fields.utf8.count + body.count)
    bytes.append(contentsOf: line.utf8)
    bytes.append(contentsOf: fields.utf8)
    bytes.append(contentsOf: body)
    let start = line.utf8.count
    let bodyStart = start + fields.utf8.count
    return HTTPAnswer(status: status, bytes: bytes, fields: start..<bodyStart, body: bodyStart..<bodyStart + body.count)
  }
}

/// A request on its way, where an array needs a copyable value.
private final class HTTPRequestBufferBox {
  var buffer = HTTPRequestBuffer()
}
